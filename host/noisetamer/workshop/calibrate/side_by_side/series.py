"""Levels over time, and what a meter with a time weighting would have shown of them."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import ArrayLike, NDArray

from noisetamer.base.errors import UserError
from noisetamer.sound.design.weighting import FAST_SECONDS, SLOW_SECONDS
from noisetamer.workshop.calibrate.unit.instrument import Decibels

TimeWeighting = Literal["fast", "slow", "1s"]
"""Fast and Slow of IEC 61672-1; 1s: LAeq of the second before."""

TIME_WEIGHTINGS: tuple[TimeWeighting, ...] = get_args(TimeWeighting)

# So many time constants after a gap a detector has forgotten it: 0.01 dB.
_FORGOTTEN = 6.0


@dataclass(frozen=True)
class LevelSeries:
    """LAeq in dB of consecutive spans of `step` s, the first from `begin` s; NaN: not heard."""

    begin: float
    step: float
    dB: Decibels

    @property
    def ends(self) -> NDArray[np.float64]:
        """Time at which each span ends, s, float64[n]."""
        return self.begin + self.step * np.arange(1.0, len(self.dB) + 1.0)


@dataclass(frozen=True)
class Readings:
    """What a meter showed: level in dB at times in s, rising."""

    times: NDArray[np.float64]
    dB: Decibels


def as_shown(levels: LevelSeries, weighting: TimeWeighting) -> LevelSeries:
    """What a meter with this time weighting would show at the end of each span.

    Raises UserError where the spans are too long for Fast.
    """
    if weighting == "1s":
        return _sliding(levels)
    constant = FAST_SECONDS if weighting == "fast" else SLOW_SECONDS
    if levels.step > constant:
        raise UserError(
            "a meter set to Fast cannot be compared with the unit's LAeq,1s: set it to Slow, or "
            "listen to the unit itself"
        )
    keep = float(np.exp(-levels.step / constant))
    unheard = np.isnan(levels.dB)
    energies = np.where(unheard, 0.0, 10.0 ** (levels.dB / 10.0))
    state, _ = scipy.signal.lfilter([1.0 - keep], [1.0, -keep], energies, zi=[keep * energies[0]])
    place = np.arange(len(energies))
    last_gap = np.maximum.accumulate(np.where(unheard, place, -1))
    known = (place - last_gap) * levels.step > _FORGOTTEN * constant
    with np.errstate(divide="ignore"):
        shown = 10.0 * np.log10(state)
    return LevelSeries(levels.begin, levels.step, np.where(known, shown, np.nan))


def _sliding(levels: LevelSeries) -> LevelSeries:
    count = round(1.0 / levels.step)
    energies = np.concatenate([np.full(count - 1, np.nan), 10.0 ** (levels.dB / 10.0)])
    mean = np.lib.stride_tricks.sliding_window_view(energies, count).mean(axis=1)
    return LevelSeries(levels.begin, levels.step, 10.0 * np.log10(mean))


def at(shown: LevelSeries, times: ArrayLike) -> Decibels:
    """What was shown at times in s, between two spans in proportion; NaN where unknown."""
    levels = np.interp(np.asarray(times, np.float64), shown.ends, shown.dB, np.nan, np.nan)
    return np.asarray(levels, np.float64)
