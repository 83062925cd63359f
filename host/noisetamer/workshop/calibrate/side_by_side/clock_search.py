"""A meter's clock that is minutes off, or set to another zone: found from what both heard."""

from dataclasses import dataclass

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import NDArray

from noisetamer.base import zones
from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.side_by_side import alignment, series
from noisetamer.workshop.calibrate.side_by_side.series import LevelSeries, Readings
from noisetamer.workshop.calibrate.unit.instrument import Decibels

LARGEST_SHIFT_S = 600.0
"""Clocks of hand-held meters drift by minutes in a year; more is another error."""

CERTAIN = 0.9
"""Correlation from which on two did hear the same."""

# s between two readings up to which the level between them is known.
_BETWEEN_S = 10.0
_LEAST_OVERLAP_S = 60

# What lies weeks away is another run, whatever it resembles.
_FARTHEST_S = 7 * 86_400.0

# Another place that fits nearly as well: sounds that repeat, such as traffic lights.
_ALIKE, _APART_S = 0.03, 10

_QUARTER_S = 900
_ZONE_WITHIN_S = 60
_WEST, _EAST = -12 * 3600, 14 * 3600


@dataclass(frozen=True)
class Found:
    """shift: s to add to the readings' times. correlation: of the levels then."""

    shift: float
    correlation: float


def rough_shift(shown: LevelSeries, readings: Readings, zone: float | None) -> float:
    """s to add to the readings' times so that `alignment.clock_difference` finds the rest.

    0 where that finds the clocks by itself, or nothing fits anywhere. zone: offset in s that the
    readings' times were read with, None where they name their own. Raises UserError where they fit
    only beyond `LARGEST_SHIFT_S`, or at two places alike.
    """
    try:
        if alignment.clock_difference(shown, readings)[1] >= CERTAIN:
            return 0.0
    except UserError:
        pass
    near = np.abs(readings.times - shown.begin) < _FARTHEST_S
    if np.count_nonzero(near) < _LEAST_OVERLAP_S:
        return 0.0
    places = _places(shown, Readings(readings.times[near], readings.dB[near]))
    if not places or places[0].correlation < CERTAIN - _ALIKE:
        return 0.0
    best = places[0]
    if abs(best.shift) > LARGEST_SHIFT_S:
        raise UserError(_too_far(best, zone))
    alike = [one for one in places[1:] if one.correlation > best.correlation - _ALIKE]
    if alike:
        shifts = sorted([best.shift, alike[0].shift], key=abs)
        raise UserError(
            f"the readings fit with the meter's clock moved by {shifts[0]:+.0f} s and by "
            f"{shifts[1]:+.0f} s alike: say which with --meter-clock"
        )
    return best.shift


def _too_far(best: Found, zone: float | None) -> str:
    quarter = _QUARTER_S * round(best.shift / _QUARTER_S)
    fits = f"(correlation {best.correlation:.2f})"
    if zone is not None and abs(best.shift - quarter) <= _ZONE_WITHIN_S:
        true = zone - quarter
        if _WEST <= true <= _EAST and true % 3600 != _QUARTER_S:
            name = zones.offset_text(true)
            return f"the readings fit if the meter's zone is {name} {fits}: say --zone {name}"
    sign, away = "-" if best.shift < 0 else "+", round(abs(best.shift))
    clock = f"{sign}{away // 3600:02d}:{away // 60 % 60:02d}:{away % 60:02d}"
    return (
        f"the readings fit if the meter's clock is moved by {clock} {fits}, more than "
        f"{LARGEST_SHIFT_S / 60:g} minutes: see that both are of the same run, and say "
        f"--meter-clock={clock}"
    )


def _places(shown: LevelSeries, readings: Readings) -> list[Found]:
    """The shifts that fit best, the best first, to a second, over every overlap there can be."""
    unit_from, meter_from = np.floor(shown.begin), np.floor(readings.times[0])
    unit = series.at(shown, np.arange(unit_from, shown.ends[-1] + 1.0))
    meter = _by_the_second(readings, meter_from)
    correlation, together = _masked(unit, meter)
    fewest = min(np.count_nonzero(np.isfinite(unit)), np.count_nonzero(np.isfinite(meter)))
    least = max(_LEAST_OVERLAP_S, fewest / 2)
    correlation[together < least] = -1.0
    shifts = np.arange(len(correlation)) - (len(meter) - 1) + unit_from - meter_from
    found = []
    for _ in range(2):
        best = int(np.argmax(correlation))
        if correlation[best] <= 0:
            break
        found.append(Found(float(shifts[best]), float(correlation[best])))
        correlation[max(0, best - _APART_S) : best + _APART_S + 1] = -1.0
    return found


def _by_the_second(readings: Readings, begin: float) -> Decibels:
    grid = np.arange(begin, readings.times[-1] + 1.0)
    levels = np.interp(grid, readings.times, readings.dB, np.nan, np.nan)
    after = np.clip(np.searchsorted(readings.times, grid), 1, len(readings.times) - 1)
    levels[readings.times[after] - readings.times[after - 1] > _BETWEEN_S] = np.nan
    return levels


def _masked(unit: Decibels, meter: Decibels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(Pearson's correlation, number of pairs) at each shift, where NaN says nothing."""
    there, also = np.isfinite(unit), np.isfinite(meter)
    one = np.where(there, unit - np.nanmean(unit), 0.0)
    other = np.where(also, meter - np.nanmean(meter), 0.0)
    ones, others = there.astype(np.float64), also.astype(np.float64)

    def both(a: Decibels, b: Decibels) -> NDArray[np.float64]:
        return scipy.signal.correlate(a, b, mode="full", method="fft")

    n = np.maximum(np.round(both(ones, others)), 1.0)
    sum_one, sum_other = both(one, others), both(ones, other)
    spread_one = both(one**2, others) - sum_one**2 / n
    spread_other = both(ones, other**2) - sum_other**2 / n
    # Rounding of the transforms may leave a steady stretch a spread just off 0.
    spread = np.sqrt(np.maximum(spread_one, 0.1 * n) * np.maximum(spread_other, 0.1 * n))
    return (both(one, other) - sum_one * sum_other / n) / spread, n
