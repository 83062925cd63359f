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
    as_many = sum(weights) ** 2 / sum(weight**2 for weight in weights)
    mean = sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)
    return Interval(mean, *_wilson(mean, as_many, sure), n)


def share_of_days(days: Sequence[tuple[int, int]], sure: float = SURE) -> Interval:
    """(found, of) of each day: things of one day know of each other. By Wilson with the number of
    those that did not that would say as much: by how much the days' shares differ, with Student's
    t for few days (Korn and Graubard 1998); never more than there are. Where all or none were
    found, or there is one day, as many as days. n: of all days.
    """
    days = [day for day in days if day[1]]
    found, n = sum(f for f, _ in days), sum(of for _, of in days)
    if not n:
        return Interval(None, None, None, 0)
    mean = found / n
    apart = sum((f - mean * of) ** 2 for f, of in days)
    as_many = float(len(days))
    if 0 < mean < 1 and len(days) > 1:
        from scipy.stats import norm, t

        rest = len(days) - 1
        variance = len(days) / rest * apart / n**2
        far = (1 + sure) / 2
        few = float(norm.ppf(far) / t.ppf(far, rest)) ** 2
        as_many = min(n, few * mean * (1 - mean) / max(variance, 1e-12))
    return Interval(mean, *_wilson(mean, as_many, sure), n)


def _wilson(mean: float, as_many: float, sure: float) -> tuple[float, float]:
    import numpy as np
    from statsmodels.stats.proportion import proportion_confint

    bounds = proportion_confint(mean * as_many, as_many, 1 - sure, "wilson")
    low, high = np.clip(np.asarray(bounds, float), 0, 1).tolist()
    return low, high


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
