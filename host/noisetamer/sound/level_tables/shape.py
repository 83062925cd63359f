"""What the numbers themselves say: how long an interval is, and what is no level of one."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

# A running average of so many intervals hardly falls; fewer say nothing.
_LEAST_TO_TELL = 30
_SETTLED = 10
_ENOUGH_TO_TELL = 1000

# dB: levels come in tenths, so a step seems up to one more than it is.
_STEP = 0.11
_MOVES = 0.5

# s: no level of a square stays the same for longer; nobody wrote that the sensor was gone.
_LONGEST_HELD_S = 3600.0


def interval(t: Values, changes_only: bool = False) -> float:
    """s between rising times; the usual one, so that holes do not count."""
    steps = np.diff(t)
    if np.ptp(steps) == 0:
        usual = float(steps[0])
    else:
        usual = float(np.percentile(steps, 10) if changes_only else np.median(steps))
    # Clocks of computers write 1.003 s for a second.
    whole = round(usual)
    return float(whole) if whole and abs(usual - whole) < 0.05 * whole else round(usual, 6)


def is_running(levels: Values) -> bool:
    """Whether these are averages since the start: LAeq over 1, 2, 3, ... intervals.

    An average of n intervals falls by at most 10 lg(n / (n - 1)) dB = 4.34 dB / n at the next one,
    even if that is silent. Levels of single intervals fall by more many times over; so does no
    average that is counted from an earlier start, or over holes.
    """
    if len(levels) < _LEAST_TO_TELL:
        return False
    # A steady sound does not fall either: there must be something to average.
    if float(np.max(levels) - np.min(levels)) <= _MOVES:
        return False
    return _falls_little(levels[:_ENOUGH_TO_TELL]) and _falls_little(levels)


def _falls_little(levels: Values) -> bool:
    fall = -np.diff(levels)
    n = np.arange(2, len(levels) + 1)
    could = 10.0 * np.log10(n / (n - 1.0)) + _STEP
    return bool(np.all(fall[_SETTLED:] <= could[_SETTLED:]))


def held(t: Values, level: Values, step: float) -> tuple[Values, Values]:
    """Of levels that are written when they change: one each step, until the next is written,
    an hour at most.

    A level NaN ends the one before it, and is no level itself.
    """
    counts = np.maximum(1, np.round(np.diff(t, append=t[-1] + step) / step)).astype(np.int64)
    counts = np.minimum(counts, max(1, int(_LONGEST_HELD_S / step)))
    counts[np.isnan(level)] = 0
    begins = np.repeat(t, counts)
    place = np.arange(len(begins)) - np.repeat(np.cumsum(counts) - counts, counts)
    return begins + place * step, np.repeat(level, counts)
