"""Beside a reference meter: the offset, its uncertainty, and runs that say nothing."""

from datetime import date

import numpy as np
import pytest
from square_beside_meter import OFFSET, HandMeter, by_the_second, square

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.certificate.reference import Reference
from noisetamer.workshop.calibrate.certificate.uncertainty import K, combined, of_mean
from noisetamer.workshop.calibrate.side_by_side import compare
from noisetamer.workshop.calibrate.side_by_side.compare import Comparison
from noisetamer.workshop.calibrate.side_by_side.series import LevelSeries, Readings, TimeWeighting

FLOOR = 33.0


def compared(meter: HandMeter, seed: int = 1, unit: LevelSeries | None = None) -> Comparison:
    heard = square(seed)
    return compare.compare(unit or heard, meter.readings(heard, seed), meter.weighting, FLOOR)


@pytest.mark.parametrize("clock", [-2.0, 2.0])
@pytest.mark.parametrize("weighting", ["slow", "fast", "1s"])
def test_finds_offset_and_clock_through_noise_slips_and_time_weighting(
    clock: float, weighting: TimeWeighting
):
    found = compared(HandMeter(clock=clock, weighting=weighting))
    assert found.change == pytest.approx(OFFSET, abs=0.1)
    assert found.clock == pytest.approx(-clock, abs=0.1)
    assert abs(found.slope) < 0.02
    assert 5 <= np.count_nonzero(found.weights == 0.0) <= 50


def test_the_console_s_seconds_do_for_a_slow_meter():
    found = compared(HandMeter(), unit=by_the_second(square(1)))
    assert found.change == pytest.approx(OFFSET, abs=0.1)


def test_a_fast_meter_cannot_be_compared_with_seconds():
    with pytest.raises(UserError, match="set it to Slow, or listen to the unit itself"):
        compared(HandMeter(weighting="fast"), unit=by_the_second(square(1)))


@pytest.mark.parametrize(("weighting", "told"), [("slow", "fast"), ("1s", "slow")])
def test_a_wrong_time_weighting_is_noticed(weighting: TimeWeighting, told: TimeWeighting):
    heard = square(1)
    readings = HandMeter(weighting=weighting).readings(heard, 1)
    with pytest.raises(UserError, match=f"look like {weighting}, not like {told}"):
        compare.compare_as_stated(heard, readings, told, FLOOR)
    assert compare.compare_as_stated(heard, readings, weighting, FLOOR)


def test_the_stated_uncertainty_covers_the_truth_in_94_of_100_runs():
    """The meter is off by what its certificate allows, too: U 0.5 dB, k = 2."""
    stated = Reference("DT-8852", "1", date(2027, 5, 1), 0.5)
    covered = covered_by_scatter = 0
    worst = 0.0
    for seed in range(100):
        own = np.random.default_rng([seed, 2])
        error = own.normal(0.0, stated.U / K)
        clock = own.uniform(-2.0, 2.0)
        found = compared(HandMeter(error=error, clock=clock), seed)
        off = found.change - OFFSET
        worst = max(worst, abs(off - error))
        covered += abs(off) <= combined(compare.budget(found, stated))
        scatter = K * np.hypot(of_mean(found.standard_error, found.freedom), 0.05 / np.sqrt(3.0))
        covered_by_scatter += abs(off - error) <= scatter
    assert covered >= 94
    assert covered_by_scatter >= 94
    assert worst < 0.1


def test_a_square_that_is_always_alike_says_nothing():
    even = square(1, span=0.5)
    readings = HandMeter(slip_every=10**9).readings(even, 1)
    with pytest.raises(UserError, match=r"lie within 0\.\d dB .* 6 dB are needed"):
        compare.compare(even, readings, "slow", FLOOR)


def test_a_meter_that_heard_another_square_says_nothing():
    readings = HandMeter().readings(square(2), 2)
    with pytest.raises(UserError, match=r"do not go together|did not hear the same"):
        compare.compare(square(1), readings, "slow", FLOOR)


def test_clocks_that_are_far_apart_are_named():
    with pytest.raises(UserError, match="the clocks differ by more than 10 s"):
        compared(HandMeter(clock=10.4))


def test_days_apart_is_named():
    with pytest.raises(UserError, match="share too little time"):
        compared(HandMeter(clock=86_400.0))


def test_a_difference_that_grows_with_level_is_refused():
    unit = square(1)
    readings = HandMeter().readings(unit, 1)
    bent = LevelSeries(unit.begin, unit.step, 55.0 + 0.85 * (unit.dB - 55.0))
    with pytest.raises(UserError, match=r"changes by \+0\.1\d dB for each dB"):
        compare.compare(bent, readings, "slow", FLOOR)


def test_what_lies_near_the_unit_s_own_noise_is_left_out():
    unit = square(1)
    readings = HandMeter().readings(unit, 1)
    found = compare.compare(unit, readings, "slow", floor=48.0)
    assert np.min(found.unit) >= 58.0
    assert len(found.unit) < len(readings.dB)


@pytest.mark.parametrize(("count", "says"), [(19, "19 readings"), (60, r"lasts \d+ s")])
def test_a_run_that_is_too_short_is_refused(count: int, says: str):
    unit = square(3)
    all_of_them = HandMeter(slip_every=10**9).readings(unit, 3)
    first = int(np.argmax(all_of_them.dB)) - count // 2
    some = slice(first, first + count)
    with pytest.raises(UserError, match=says):
        compare.compare(
            unit, Readings(all_of_them.times[some], all_of_them.dB[some]), "slow", FLOOR
        )


def test_seconds_in_which_the_unit_spoke_do_not_count():
    unit = square(1)
    readings = HandMeter().readings(unit, 1)
    speaking = (unit.ends > 200.0) & (unit.ends < 260.0)
    found = compare.compare(
        LevelSeries(unit.begin, unit.step, np.where(speaking, np.nan, unit.dB)),
        readings,
        "slow",
        FLOOR,
    )
    assert found.change == pytest.approx(OFFSET, abs=0.1)
    # Slow has forgotten them six seconds later.
    assert not np.any((found.times > 200.2) & (found.times < 266.0))
