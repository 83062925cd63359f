"""Means of single values. Pure."""

from collections.abc import Sequence

from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.intervals.shares import SURE

FEWEST = 5  # of which fewer, nothing is said


def mean(values: Sequence[float], weights: Sequence[float], sure: float = SURE) -> Interval:
    """Mean of values that know nothing of each other, each with a weight above 0, by Student's t
    with the number of equal weights that would say as much (Kish).
    """
    n = len(values)
    if n < FEWEST:
        return Interval(None, None, None, n)
    from scipy.stats import t

    whole = sum(weights)
    as_many = whole**2 / sum(weight**2 for weight in weights)
    middle = sum(v * w for v, w in zip(values, weights, strict=True)) / whole
    spread = sum(w * (v - middle) ** 2 for v, w in zip(values, weights, strict=True)) / whole
    far = float(t.ppf((1 + sure) / 2, max(1.0, as_many - 1)))
    far *= (spread / max(1.0, as_many - 1)) ** 0.5
    return Interval(middle, middle - far, middle + far, n)
