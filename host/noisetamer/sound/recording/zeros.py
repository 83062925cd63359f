"""Runs of exact zeros: a place that was set aside and never written, or a dropout.

No microphone delivers them for long: the least step of 16 bits is far below its own noise.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

LEAST_S = 1.0  # edited recordings are padded with up to half a second


def runs(samples: NDArray[np.floating], rate: int) -> list[tuple[int, int]]:
    """(first sample, end) of each run of LEAST_S or longer, in order."""
    least = max(2, round(LEAST_S * rate))
    # A run that long fills a part of half its length: only those are looked at closely, for the
    # single zeros of a quiet recording are millions.
    part = least // 2
    count = len(samples) // part
    empty = np.zeros(count + 2, bool)
    empty[1:-1] = ~samples[: count * part].reshape(count, part).any(axis=1)
    edges = np.flatnonzero(empty[1:] != empty[:-1]) * part
    found = []
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        before = np.flatnonzero(samples[max(0, begin - part) : begin][::-1])
        after = np.flatnonzero(samples[end : end + part])
        first = begin - int(before[0]) if len(before) else max(0, begin - part)
        last = end + int(after[0]) if len(after) else min(len(samples), end + part)
        if last - first >= least:
            found.append((first, last))
    return found


def told(found: Iterable[tuple[int, int]], rate: int) -> str:
    """ "3.000 to 4.250 s, and twice more"."""
    (begin, end), *more = found
    also = f" and {len(more)} more" if more else ""
    return f"{begin / rate:.3f} to {end / rate:.3f} s{also}"
