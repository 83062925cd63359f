"""Where in a meter's log a recording lies: by their clocks, or better by their levels.

Clocks of hand-held meters and recorders are minutes off, their zones whole hours. Where the level
changes, the shift is that at which the two differ most evenly; where it does not, any fits.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import NDArray

from noisetamer.sound.design.weighting import poles

STEP_S = 0.01
LIKELY_S = 300.0
"""Shift that two clocks may have without a word, s."""

# Fewer intervals say nothing of a shift.
_LEAST = 5
# Of the intervals that could overlap, so many must.
_OVERLAP = 0.8
# dB: a level that changes less tells no time.
_STEADY = 0.5
# Of the meter's own spread, so much may be left at a shift that fits.
_LEFT = 0.35


@dataclass(frozen=True)
class Course:
    """Energy of a recording from its begin, A-weighted: sums[n] is that of n steps of STEP_S.

    The weighting is near enough to find a moment by, not to measure with.
    """

    sums: NDArray[np.float64]

    @property
    def length(self) -> float:
        """s"""
        return (len(self.sums) - 1) * STEP_S

    def levels(self, begin: NDArray[np.float64], interval: float) -> NDArray[np.float64]:
        """dB of intervals that begin so many s after the recording; NaN where it is not."""
        last = len(self.sums) - 1
        first, end = (
            self.sums[np.clip(np.rint(each / STEP_S).astype(int), 0, last)]
            for each in (begin, begin + interval)
        )
        inside = (begin > -STEP_S / 2) & (begin + interval < self.length + STEP_S / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(inside, 10 * np.log10((end - first) / interval), np.nan)


class Surveyor:
    """Makes the course of samples at `rate` Hz, as they come. count: how many came."""

    def __init__(self, rate: int) -> None:
        p = poles()
        zeros = [0.0] * 4
        lags = -2 * np.pi * np.array([p.low, p.low, p.a_low, p.a_high, p.high, p.high])
        self._weighting = scipy.signal.zpk2sos(*scipy.signal.bilinear_zpk(zeros, lags, 1.0, rate))
        _, gain = scipy.signal.sosfreqz(self._weighting, [1000.0], fs=rate)
        self._gain = np.abs(gain[0])
        self._state = np.zeros((len(self._weighting), 2))
        self._size = round(rate * STEP_S)
        self._rest = np.empty(0)
        self._energies: list[NDArray[np.float64]] = []
        self.count = 0

    def add(self, samples: NDArray[np.float32]) -> None:
        if not len(samples):
            return
        self.count += len(samples)
        weighted, self._state = scipy.signal.sosfilt(self._weighting, samples, zi=self._state)
        weighted = np.concatenate([self._rest, weighted / self._gain])
        whole = len(weighted) // self._size * self._size
        steps = np.square(weighted[:whole]).reshape(-1, self._size)
        self._energies.append(steps.mean(axis=1) * STEP_S)
        self._rest = weighted[whole:]

    def course(self) -> Course:
        return Course(np.cumsum(np.concatenate([[0.0], *self._energies])))


@dataclass(frozen=True)
class Shift:
    """begins: of the recording, in the meter's time. fits: by its levels, else by the clocks."""

    begins: float
    fits: bool


def find(
    heard: Course,
    t: NDArray[np.float64],
    level: NDArray[np.float64],
    interval: float,
    begins: float | None,
) -> Shift | None:
    """begins: of the recording by its clock, in the same time as `t`. None: nothing tells.

    t, level: of the meter's intervals, s and dB; each `interval` s long.
    """
    if begins is not None:
        near = np.abs(t - begins) < LIKELY_S + heard.length
        found = _best(heard, t[near], level[near], interval, begins, LIKELY_S)
        if found is not None:
            return Shift(found, True)
    found = _best(heard, t, level, interval, None, np.inf)
    if found is not None:
        return Shift(found, True)
    if begins is not None and np.isfinite(heard.levels(t - begins, interval)).any():
        return Shift(begins, False)
    return None


def _best(
    heard: Course,
    t: NDArray[np.float64],
    level: NDArray[np.float64],
    interval: float,
    around: float | None,
    reach: float,
) -> float | None:
    """The begin that fits, within `reach` s of `around`; None where none does."""
    possible = min(len(t), int(heard.length / interval + 1e-6))
    if possible < _LEAST:
        return None
    grid = min(interval, 1.0)
    first, last = (t[0] - heard.length, t[-1] + interval)
    if around is not None:
        first, last = (
            around - np.ceil(min(reach, around - first)),
            around + min(reach, last - around),
        )
    need = max(_LEAST, _OVERLAP * possible)
    best = None
    for candidates in (
        np.arange(first, last + grid, grid),
        np.arange(-10, 11) * 0.1 * grid,
        np.arange(-10, 11) * STEP_S,
    ):
        tried = candidates if best is None else best + candidates
        left = [_left(heard, t, level, interval, begin, need) for begin in tried]
        if not np.isfinite(left).any():
            return None
        best = tried[int(np.nanargmin(left))]
    assert best is not None
    ours = heard.levels(t - best, interval)
    both = np.isfinite(ours)
    spread = float(np.std(level[both]))
    if spread < _STEADY or np.std(ours[both] - level[both]) > _LEFT * spread:
        return None
    return float(best)


def _left(heard: Course, t, level, interval: float, begin: float, need: float) -> float:
    """Standard deviation of the difference, dB; NaN where too little overlaps."""
    low, high = np.searchsorted(t, (begin - STEP_S, begin + heard.length))
    ours = heard.levels(t[low:high] - begin, interval)
    both = np.isfinite(ours)
    if np.count_nonzero(both) < need:
        return np.nan
    return float(np.std(ours[both] - level[low:high][both]))
