"""Levels told more often than once a second become those of whole seconds, or are refused."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from level_files import Evening, decibel_10th, norsonic_profiles

from noisetamer.base.errors import UserError
from noisetamer.sound import level_tables


def _often(every: float, count: int, without: frozenset[int] = frozenset()) -> Evening:
    return Evening(every=every, count=count, without=without)


def _by_energy(levels: np.ndarray) -> np.ndarray:
    return 10 * np.log10(np.mean(10 ** (levels / 10), axis=-1))


def _table(path: Path, evening: Evening, heading: str, shift: float = 0.0) -> Path:
    rows = [
        f"{at + timedelta(seconds=shift):%Y-%m-%d %H:%M:%S.%f},{v:.1f}\n"
        for at, v, _ in evening.rows
    ]
    path.write_text(f"start time,{heading}\n{''.join(rows)}")
    return path


@pytest.mark.parametrize(("every", "parts"), [(0.1, 10), (0.125, 8), (0.25, 4), (0.5, 2)])
@pytest.mark.parametrize("shift", [0.0, 0.07])
def test_an_laeq_of_parts_of_a_second_is_averaged_by_energy(
    every: float, parts: int, shift: float, tmp_path: Path
):
    evening = _often(every, 30 * parts)
    path = _table(tmp_path / "levels.csv", evening, f"LAeq,{every * 1000:g}ms", shift)
    table = level_tables.read(path, zone="+08:00")
    assert table.interval == 1.0
    # A second begins where an interval does, as near to the clock's as can be.
    off = round(((shift + every / 2) % every - every / 2), 6)
    first = 0 if shift == 0 or off >= shift else round((off - shift) / every) % parts
    whole = evening.level[first:][: 29 * parts].reshape(-1, parts)
    np.testing.assert_allclose(table.level[: len(whole)], _by_energy(whole), atol=0.001)
    assert abs(table.t[0] - round(table.t[0])) <= every / 2 + 1e-6
    assert set(np.round(np.diff(table.t), 6)) == {1.0}
    assert f"made of {30 * parts} readings of {every:g} s" in table.taken


def test_a_second_with_a_hole_is_left_out_and_counted(tmp_path: Path):
    evening = _often(0.125, 160, without=frozenset({12, 80, 81, 82}))
    table = level_tables.read(_table(tmp_path / "levels.csv", evening, "LAeq"), zone="+08:00")
    assert table.left_out == {"a part of the second missing": 2}
    assert "left out: 2 with a part of the second missing" in table.taken
    seconds = np.delete(np.arange(20), [1, 10])
    np.testing.assert_array_equal(table.t, Evening().t[0] + seconds)
    whole = _by_energy(evening.level.reshape(-1, 8))[seconds]
    np.testing.assert_allclose(table.level, whole, atol=0.001)


def test_of_maxima_a_second_has_the_highest(tmp_path: Path):
    evening = _often(0.1, 200)
    table = level_tables.read(
        _table(tmp_path / "levels.csv", evening, "LAFmax"), "LAFmax", zone="+08:00"
    )
    assert table.level.tolist() == evening.level.reshape(-1, 10).max(1).tolist()


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        ("LAF", "holds LAF, not LAeq"),
        ("LAS", "holds LAS, not LAeq"),
        ("Level dB(A)", "Level dB(A) is told every 0.125 s, and its heading does not say that it "
                        "is LAeq: levels sampled with Fast or Slow cannot be averaged"),
        ("Pegel", "is told every 0.125 s"),
        ("LAeq(t)", "holds LAeq(t), not LAeq"),
        ("LAeq1s", "is an average of 1 s told every 0.125 s"),
    ],
)  # fmt: skip
def test_sampled_running_and_sliding_levels_are_not_averaged(
    heading: str, says: str, tmp_path: Path
):
    path = _table(tmp_path / "levels.csv", _often(0.125, 240), heading)
    with pytest.raises(UserError) as refused:
        level_tables.read(path)
    assert says in str(refused.value)


def test_a_running_average_told_often_is_recognised(tmp_path: Path):
    evening = _often(0.125, 240)
    object.__setattr__(evening, "level", evening.running)
    with pytest.raises(UserError, match="LAeq is a running average"):
        level_tables.read(_table(tmp_path / "levels.csv", evening, "LAeq"))


def test_too_short_to_be_two_seconds(tmp_path: Path):
    path = _table(tmp_path / "levels.csv", _often(0.1, 15), "LAeq")
    with pytest.raises(UserError, match=r"15 readings of 0\.1 s in LAeq make 1 whole seconds"):
        level_tables.read(path)


def test_the_measurements_of_a_norsonic_145(tmp_path: Path):
    """Times without a heading, every 250 ms, a sheet for each."""
    begin = datetime(2026, 6, 8, 10, 19, 43, 75_000)
    first = Evening(begin, 118, every=0.25, seed=4)
    later = Evening(begin + timedelta(minutes=3, seconds=0.9), 40, every=0.25, seed=5)
    path = tmp_path / "levels.xlsx"
    path.write_bytes(norsonic_profiles(first, later))
    table = level_tables.read(path, zone="+08:00")
    assert table.format == "Norsonic 145, profiles"
    assert "made of 158 readings of 0.25 s" in table.taken
    np.testing.assert_allclose(table.t[:29], first.t[0] + np.arange(29), atol=1e-6)
    whole = _by_energy(first.level[:116].reshape(-1, 4))
    np.testing.assert_allclose(table.level[:29], whole, atol=0.001)
    whole = _by_energy(later.level.reshape(-1, 4))
    np.testing.assert_allclose(table.level[29:], whole, atol=0.001)
    np.testing.assert_allclose(table.t[29:], later.t[0] + np.arange(10), atol=1e-6)


def test_decibel_10th_tells_no_times_but_the_first_and_the_last(tmp_path: Path):
    every = 0.01366
    evening = Evening(datetime(2017, 1, 3, 10, 50, 16, 920_000), 5000, every=every)
    path = tmp_path / "Decibel10thData.csv"
    path.write_text(decibel_10th(evening))
    table = level_tables.read(path, zone="+08:00")
    assert table.format == "Decibel 10th"
    begin = datetime.fromisoformat("2017-01-03T10:50:17+08:00").timestamp()
    np.testing.assert_array_equal(table.t, begin + np.arange(len(table.t)))
    assert len(table.t) == int(0.92 + 5000 * every) - 1
    # Each with the parts of a reading that lie across its edges.
    fine = np.repeat(10 ** (evening.level / 10), 1366)[8000:]
    whole = fine[: len(table.t) * 100_000].reshape(-1, 100_000).mean(1)
    np.testing.assert_allclose(table.level, 10 * np.log10(whole), atol=0.01)
    assert "made of 5000 readings of 0.01366 s" in table.taken
    assert "names no frequency weighting" in table.taken
    comma = (
        path.read_text().replace(".", ",").replace("16,920", "16.920").replace("25,220", "25.220")
    )
    path.write_text(comma)
    assert level_tables.read(path, zone="+08:00").level.tolist() == table.level.tolist()


def test_decibel_10th_with_its_end_before_its_begin(tmp_path: Path):
    path = tmp_path / "levels.csv"
    path.write_text(decibel_10th(_often(0.0137, 500)).replace("End Time: 2026", "End Time: 2025"))
    with pytest.raises(UserError, match="its head does not say how long a period is"):
        level_tables.read(path)
