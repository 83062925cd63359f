"""A meter's clock that is minutes off, or in another zone, is found and named."""

import numpy as np
import pytest
from square_beside_meter import HandMeter, by_the_second, square

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.side_by_side import clock_search, series
from noisetamer.workshop.calibrate.side_by_side.series import LevelSeries, Readings

HEARD = square(1)
SECONDS = by_the_second(HEARD)


def shift(clock: float, zone: float | None = 0.0, heard: LevelSeries = SECONDS) -> float:
    """What is found where the meter is ahead by so much."""
    readings = HandMeter(clock=clock, weighting="1s", every=1.0).readings(HEARD, 1)
    return clock_search.rough_shift(series.as_shown(heard, "1s"), readings, zone)


@pytest.mark.parametrize("clock", [12.0, 45.0, -300.0, 300.4, 590.0])
def test_a_clock_minutes_off_is_found(clock: float):
    assert shift(clock) == pytest.approx(-clock, abs=1.0)


def test_a_clock_within_ten_seconds_is_left_to_the_alignment():
    assert shift(-3.0) == 0.0


@pytest.mark.parametrize(
    ("clock", "zone", "says"),
    [
        (-28_800.0, 28_800.0, r"zone is \+00:00 \(correlation 0.9\d\): say --zone \+00:00"),
        (28_800.0, 0.0, r"say --zone \+08:00"),
        (-20_725.0, 20_700.0, r"say --zone \+00:00"),
        (7_200.0, None, r"moved by -02:00:00 .* say --meter-clock=-02:00:00"),
        (-86_400.0, 0.0, r"moved by \+24:00:00"),
        (-1_234.0, 0.0, r"moved by \+00:20:3\d .* more than 10 minutes"),
    ],
)
def test_what_is_further_off_is_named(clock: float, zone: float | None, says: str):
    with pytest.raises(UserError, match=says):
        shift(clock, zone)


def test_another_square_fits_nowhere():
    other = by_the_second(square(2))
    assert shift(300.0, heard=other) == 0.0


def test_sounds_that_repeat_leave_two_answers():
    cycle = np.tile(np.random.default_rng(1).normal(60.0, 5.0, 90), 7)
    unit = LevelSeries(0.0, 1.0, cycle)
    readings = Readings(np.arange(200.0, 500.0) + 45.0, cycle[199:499])
    with pytest.raises(UserError, match=r"moved by -45 s and by [+-]\d+ s alike"):
        clock_search.rough_shift(unit, readings, 0.0)
