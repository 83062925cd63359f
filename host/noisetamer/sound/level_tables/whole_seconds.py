"""Levels told more often than once a second, made levels of whole seconds."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

SHORTER = 0.95
"""s: intervals that are no seconds yet."""

KINDS = ("eq", "max", "peak")
"""Of quantities whose level of a second follows from those of its parts."""

# Of an interval: gaps shorter than that are the clock's.
_NO_GAP = 0.5


def of(begins: Values, level: Values, interval: float, kind: str) -> tuple[Values, Values, int]:
    """(begins and levels of the seconds of which every interval is there, how many others there
    are): averaged by energy, of max and peak the highest.

    begins: s, rising. interval: s. A second begins at the edge of an interval that is nearest to a
    whole second of the clock; where intervals do not fit into a second, at the clock's own, and
    what lies across is shared by time.
    """
    fits = abs(1.0 / interval - round(1.0 / interval)) < 1e-3
    gaps = np.flatnonzero(np.diff(begins) > (1.0 + _NO_GAP) * interval) + 1
    found: list[tuple[Values, Values]] = []
    for first, last in zip([0, *gaps.tolist()], [*gaps.tolist(), len(begins)], strict=True):
        edges = np.append(begins[first:last], begins[last - 1] + interval)
        found.append(_of_run(edges, level[first:last], interval, kind, fits))
    t, levels = (np.concatenate(column) for column in zip(*found, strict=True))
    touched = len(np.unique(np.floor(begins + _NO_GAP * interval)))
    return t, levels, max(0, touched - len(t))


def _of_run(
    edges: Values, level: Values, interval: float, kind: str, fits: bool
) -> tuple[Values, Values]:
    """Of intervals without a gap."""
    slack = _NO_GAP * interval
    begin = np.ceil(edges[0] - slack)
    if fits:
        begin = edges[0] + round((begin - edges[0]) / interval) * interval
    count = max(0, int(np.floor(edges[-1] + slack - begin)))
    seconds = begin + np.arange(count + 1)
    if kind != "eq":
        place = np.searchsorted(edges[:-1] + slack, seconds)
        highest = np.maximum.reduceat(level, place[:-1]) if count else level[:0]
        return seconds[:-1], highest
    energy = np.concatenate([[0.0], np.cumsum(10.0 ** (level / 10.0) * np.diff(edges))])
    covered = np.diff(np.clip(seconds, edges[0], edges[-1]))
    mean = np.diff(np.interp(seconds, edges, energy)) / covered
    return seconds[:-1], np.round(10.0 * np.log10(mean), 3)
