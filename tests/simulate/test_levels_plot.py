import itertools
import pickle

import numpy as np
import pytest
from hand_built import T0, hand_over, incident, second
from matplotlib.text import Annotation
from PIL import Image, ImageColor

from noisetamer.simulate import levels_plot, levels_series
from noisetamer.simulate.levels_series import MOST_UNITS, bunches, collect, envelope, visible
from tamer.record.events import STAGES
from tamer.record.reading import REASONS


def drawn(tmp_path, lines):
    units = collect(lines, MOST_UNITS)
    levels_plot.draw(*units, tmp_path / "levels.png", "evening_square, seed 1")
    return np.asarray(Image.open(tmp_path / "levels.png").convert("RGB")).astype(int)


def places_of(image, colour, top=0.0, bottom=0.85, near=6):
    """Columns, as shares of the width, where the colour stands above the legend."""
    wanted = np.array(ImageColor.getrgb(colour))
    high, wide = image.shape[:2]
    rows = image[int(top * high) : int(bottom * high)]
    return np.flatnonzero((np.abs(rows - wanted).max(axis=2) < near).any(axis=0)) / wide


def stage_colour(name):
    return levels_plot._STAGE[name][0]


def test_each_stage_has_its_band_in_the_order_of_the_incident(tmp_path):
    image = drawn(tmp_path, incident())
    middles = [
        np.median(places_of(image, stage_colour(name), top=0.7))
        for name in ("amber", "red", "polite")
    ]
    assert middles == sorted(middles)
    assert len(places_of(image, stage_colour("green"), top=0.7)) > image.shape[1] / 2


def test_a_quiet_run_shows_no_stage_but_green_and_no_warning(tmp_path):
    image = drawn(tmp_path, [second(i) for i in range(600)])
    for name in ("amber", "red", "polite", "firm"):
        assert not len(places_of(image, stage_colour(name)))


def test_no_level_line_is_drawn_where_there_is_no_valid_level(tmp_path):
    lines = [second(i, reason="microphone" if 20 <= i < 40 else None) for i in range(60)]
    x = places_of(drawn(tmp_path, lines), levels_plot._LEVEL, near=60)
    left, right = x.min(), x.max()
    middle = (x > left + 0.4 * (right - left)) & (x < left + 0.6 * (right - left))
    assert not middle.any()


def test_invalid_seconds_stand_out_in_red(tmp_path):
    good = places_of(drawn(tmp_path, [second(i) for i in range(60)]), levels_plot._BROKEN)
    bad = [second(i, reason="gap" if i == 30 else None) for i in range(60)]
    assert not len(good)
    assert len(places_of(drawn(tmp_path, bad), levels_plot._BROKEN))


def test_six_units_are_drawn_and_the_others_counted():
    lines = [second(0, unit=f"SIM-{number:04}") for number in range(1, 10)]
    series, left_out = collect(lines, MOST_UNITS)
    assert [one.unit for one in series] == [f"SIM-000{number}" for number in range(1, 7)]
    assert left_out == 3


@pytest.mark.parametrize("seconds", [0, 1])
def test_the_shortest_runs_have_a_picture_too(tmp_path, seconds):
    assert drawn(tmp_path, [second(i) for i in range(seconds)]).shape[2] == 3


def test_a_run_without_a_valid_second_or_a_limit_has_a_picture_too(tmp_path):
    lines = [second(i, reason="power", limit=None) | {"LAeq": None} for i in range(60)]
    assert len(places_of(drawn(tmp_path, lines), levels_plot._BROKEN))


def test_eight_hours_keep_their_single_loud_second_in_the_envelope():
    lines = [second(i, 95.0 if i == 12_345 else 50.0) for i in range(8 * 3600)]
    (series,), _ = collect(lines, 1)
    shown = envelope(series, 2000)
    assert len(shown.t) <= 2000
    assert np.nanmax(shown.high) == 95.0
    assert np.nanmin(shown.low) == 50.0
    assert T0 <= shown.t[0] < shown.t[-1] < T0 + 8 * 3600


def test_the_line_through_an_envelope_is_the_mean_of_energies():
    (series,), _ = collect([second(0, 60.0), second(1, 70.0)], 1)
    assert envelope(series, 1).mean == pytest.approx(67.404, abs=0.001)


def test_people_who_are_called_are_named_where_they_are_called(tmp_path):
    lines = [second(i) for i in range(600)]
    calls = [hand_over(300, "leader"), hand_over(301, "property"), hand_over(400, "police")]
    (series,), _ = collect([*lines, *calls], 1)
    assert [(t - T0, to) for t, to in series.hand_overs] == [
        *((300, "leader"), (301, "property"), (400, "police"))
    ]
    texts = levels_plot._figure([series], 0, "square").axes[2].texts
    heights = {text.get_text(): text.xy[1] for text in texts if isinstance(text, Annotation)}
    del heights["limit 65 dB"]
    assert list(heights) == ["leader", "property", "police"]
    # Two at nearly the same time do not cover each other.
    assert heights["leader"] > heights["property"]
    assert heights["police"] == heights["leader"]


def test_stretches_end_where_the_value_changes_or_seconds_are_missing():
    lines = [second(0), second(1), second(5), second(6, stage="red")]
    (series,), _ = collect(lines, 1)
    found = [(STAGES[int(place)], a - T0, b - T0) for place, a, b in series.stage]
    assert found == [("green", 0, 2), ("green", 5, 6), ("red", 6, 7)]


def test_a_unit_takes_no_more_memory_however_long_it_runs(monkeypatch):
    monkeypatch.setattr(levels_series, "_MOST_COLUMNS", 100)

    def held(seconds):
        (series,), _ = collect((second(i, 50 + i % 300 / 10) for i in range(seconds)), 1)
        return len(pickle.dumps(series))

    assert held(6400) < 1.05 * held(640)


@pytest.mark.parametrize("most", [160, 320, 640])
def test_an_envelope_is_the_same_of_narrow_columns_and_of_seconds(monkeypatch, most):
    lines = [second(i - T0 % 8, 50 + i * i % 300 / 10) for i in range(1000)]
    (seconds,), _ = collect(lines, 1)
    monkeypatch.setattr(levels_series, "_MOST_COLUMNS", most)
    (narrow,), _ = collect(lines, 1)
    assert narrow.levels.wide > 1
    shown, whole = envelope(narrow, 125), envelope(seconds, 125)
    for name in ("t", "low", "high"):
        assert np.array_equal(getattr(shown, name), getattr(whole, name))
    assert shown.mean == pytest.approx(whole.mean)


def test_a_clock_that_goes_back_leaves_each_second_where_it_said():
    lines = [second(i, 50.0 + i / 100) for i in (1000, 1001, 10, 11)]
    (series,), _ = collect(lines, 1)
    shown = envelope(series, 10)
    assert shown.low[0] == pytest.approx(50.1)
    assert shown.high[-1] == pytest.approx(60.01)
    assert np.isnan(shown.low[1:-1]).all()


def test_stretches_too_many_to_be_seen_stand_together_by_their_values(monkeypatch):
    monkeypatch.setattr(levels_series, "_MOST_STRETCHES", 100)
    gusts = {i: "wind" if i % 5 < 2 else None for i in range(3000) if not 1000 <= i < 1100}
    lines = [second(i, reason=reason, limit=None) for i, reason in gusts.items()]
    (series,), _ = collect(lines, 1)
    found = [(REASONS[int(place)], a - T0, b - T0) for place, a, b in series.reason]
    assert 20 < len(found) <= 100
    assert all(end <= begin for (_, _, end), (_, begin, _) in itertools.pairwise(found))
    wide = 2 * series.reason.moment
    for begin in range(0, 3000, wide):
        # Until any moment a value has had its seconds, but for those of one moment.
        said = sum(max(0, min(b, begin) - a) for name, a, b in found if name == "wind")
        assert abs(said - sum(gusts[i] == "wind" for i in gusts if i < begin)) < wide
    assert sum(b - a for name, a, b in found if name == "wind") == 1160
    # A hole stays one, and what never changed is still in one piece on both of its sides.
    assert [(a - T0, b - T0) for _, a, b in series.limit] == [(0, 1000), (1100, 3000)]


def test_a_second_in_a_week_stays_visible():
    assert visible([(1000, 1001), (1300, 1301)], least=400) == [[1000, 1700]]


def test_marks_too_close_to_tell_apart_become_one_with_their_number():
    assert bunches([0, 5, 9, 30], reach=10) == [(0, 3), (30, 1)]
