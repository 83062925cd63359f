"""How much more uncertain a mean is where one value resembles the next. Pure."""

from collections.abc import Sequence
from itertools import pairwise

_MOST = 0.8


def carried_over(residuals: Sequence[float], fitted: int) -> float:
    """Variance of a mean, over that of values that know nothing of each other: (1 + r) / (1 - r).

    residuals: in their order; fitted: as many terms were fitted to them. r: lag-1 correlation,
    put right for what fitting takes of it (Kendall 1954), and never below 0.
    """
    n = len(residuals)
    power = sum(value**2 for value in residuals)
    if n < 4 or power <= 0:
        return 1.0
    r = sum(a * b for a, b in pairwise(residuals)) / power
    r = min(_MOST, max(0.0, r + (fitted + 3 * r) / n))
    return (1 + r) / (1 - r)
