"""Runs of exact zeros: a place that was set aside and never written, or a dropout.

No microphone delivers them for long: the least step of 16 bits is far below its own noise.
"""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

LEAST_S = 1.0  # edited recordings are padded with up to half a second


def runs(samples: NDArray[np.floating], rate: int) -> list[tuple[int, int]]:
    """(first sample, end) of each run of LEAST_S or longer, in order."""
    zero = samples == 0
    edges = np.flatnonzero(zero[1:] != zero[:-1]) + 1
    edges = [0, *edges.tolist(), len(samples)]
    return [
        (begin, end)
        for begin, end in pairwise(edges)
        if end - begin >= LEAST_S * rate and zero[begin]
    ]


def told(found: Iterable[tuple[int, int]], rate: int) -> str:
    """ "3.000 to 4.250 s, and twice more"."""
    (begin, end), *more = found
    also = f" and {len(more)} more" if more else ""
    return f"{begin / rate:.3f} to {end / rate:.3f} s{also}"
