"""How much more uncertain a mean is where one value resembles the next. Pure."""

from collections.abc import Sequence
from itertools import pairwise

_LEAST, _MOST = -0.3, 0.8


def carried_over(residuals: Sequence[float], slow: int, fades: float = 0.0) -> float:
    """Variance of a mean, over that of values that know nothing of each other: 1 + 2 r / (1 - f).

    residuals: in their order. r: correlation of each with the next, put right for the `slow` terms
    that were fitted to them (Kendall 1954), within bounds; it falls by f from one to the next, r
    itself (Markov), or `fades` where chance on top of what lasts hides that it lasts longer.
    """
    n = len(residuals)
    power = sum(value**2 for value in residuals)
    # of what is the same each time rounding alone is left
    if n < 4 or power <= 1e-9:
        return 1.0
    r = sum(a * b for a, b in pairwise(residuals)) / power
    r = min(_MOST, max(_LEAST, r + (slow + 3 * r) / n))
    return 1 + 2 * r / (1 - (max(r, fades) if r > 0 else r))
