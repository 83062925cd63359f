"""How far two clocks differ, from what both instruments heard."""

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.side_by_side import series
from noisetamer.workshop.calibrate.side_by_side.series import LevelSeries, Readings
from noisetamer.workshop.calibrate.unit.instrument import Decibels

LARGEST_DIFFERENCE_S = 10.0

_COARSE_S, _FINE_S = 0.25, 0.0625

# dB from the median of five readings: a slip, of which one would outweigh a hundred others.
_SLIP = 3.0


def clock_difference(shown: LevelSeries, readings: Readings) -> tuple[float, float]:
    """(s to add to the readings' times, correlation of the levels then).

    The peak of the cross-correlation over ±10 s. Raises UserError where it lies at the edge,
    or too little overlaps.
    """
    near = scipy.ndimage.median_filter(readings.dB, 5, mode="nearest")
    clipped = np.clip(readings.dB, near - _SLIP, near + _SLIP)

    def correlations(lags: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array(
            [_correlation(series.at(shown, readings.times + lag), clipped) for lag in lags]
        )

    lags = np.arange(-LARGEST_DIFFERENCE_S, LARGEST_DIFFERENCE_S + _COARSE_S / 2, _COARSE_S)
    correlation = correlations(lags)
    if not np.any(np.isfinite(correlation)):
        raise UserError(
            "the readings and the unit share too little time: check the clocks and the date"
        )
    best = int(np.nanargmax(correlation))
    if best in (0, len(lags) - 1):
        raise UserError(
            f"the clocks differ by more than {LARGEST_DIFFERENCE_S:g} s, or the two did not hear "
            "the same: set both clocks, place both microphones together"
        )
    around = lags[best] + np.arange(-_COARSE_S, _COARSE_S + _FINE_S / 2, _FINE_S)
    return _peak(around, correlations(around))


def _peak(lags: NDArray[np.float64], correlation: NDArray[np.float64]) -> tuple[float, float]:
    """Place and height of the highest; between two places by the parabola through three."""
    best = int(np.clip(np.nanargmax(correlation), 1, len(lags) - 2))
    before, peak, after = correlation[best - 1 : best + 2]
    bend = before - 2.0 * peak + after
    shift = 0.5 * (before - after) / bend if np.isfinite(bend) and bend < 0 else 0.0
    return float(lags[best] + (lags[1] - lags[0]) * np.clip(shift, -1.0, 1.0)), float(peak)


def _correlation(one: Decibels, other: Decibels) -> float:
    """Of the pairs that are there; NaN where fewer than half are, or one does not vary."""
    there = np.isfinite(one)
    if np.count_nonzero(there) < max(2, len(one) // 2):
        return np.nan
    one, other = one[there] - one[there].mean(), other[there] - other[there].mean()
    both = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / both if both else np.nan
