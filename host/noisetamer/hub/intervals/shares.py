"""Shares, and how two of them differ. Pure."""

from collections.abc import Sequence

from noisetamer.hub.intervals.interval import Interval

SURE = 0.95


def share(found: int, of: int, sure: float = SURE) -> Interval:
    """found of `of`, by Wilson's score interval."""
    return weighted_share([1.0] * found + [0.0] * (of - found), [1.0] * of, sure)


def weighted_share(
    values: Sequence[float], weights: Sequence[float], sure: float = SURE
) -> Interval:
    """Mean of values of 0 to 1, each with a weight above 0: by Wilson with the number of equal
    weights that would say as much (Kish).
    """
    n = len(values)
    if not n:
        return Interval(None, None, None, 0)
    import numpy as np
    from statsmodels.stats.proportion import proportion_confint

    as_many = sum(weights) ** 2 / sum(weight**2 for weight in weights)
    mean = sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)
    bounds = proportion_confint(mean * as_many, as_many, 1 - sure, "wilson")
    low, high = np.clip(np.asarray(bounds, float), 0, 1).tolist()
    return Interval(mean, low, high, n)


def difference(one: Interval, other: Interval) -> Interval:
    """one less other, of shares or rates that know nothing of each other, as surely as each of
    them: Newcombe's (1998, method 10), which is MOVER of any two (Zou and Donner 2008).
    """
    n = one.n + other.n
    if one.value is None or other.value is None:
        return Interval(None, None, None, n)
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return Interval(one.value - other.value, None, None, n)
    value = one.value - other.value
    below = ((one.value - one.low) ** 2 + (other.high - other.value) ** 2) ** 0.5
    above = ((one.high - one.value) ** 2 + (other.value - other.low) ** 2) ** 0.5
    return Interval(value, value - below, value + above, n)
