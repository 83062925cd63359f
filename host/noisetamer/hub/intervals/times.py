"""Times until something happened, where some were not watched to the end. Pure.

By Kaplan and Meier, with the log-log interval of the curve (Brookmeyer and Crowley's median).
"""

import warnings
from collections.abc import Sequence
from typing import Any

from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.intervals.shares import SURE, share

FEWEST = 5  # of which fewer, nothing is said


def median(times: Sequence[float], happened: Sequence[bool], sure: float = SURE) -> Interval:
    """Time by which it has happened to half, as `times`. happened: None later, at least, where it
    had not when watching ended. value, low or high are None where too few are known to say.
    """
    n = len(times)
    if sum(happened) < FEWEST:
        return Interval(None, None, None, n)
    still, bounds = _curve(times, happened, sure)
    value, low, high = map(_half, (still, bounds.low, bounds.high))
    return Interval(value, low, high, n)


def within(
    times: Sequence[float], happened: Sequence[bool], limit: float, sure: float = SURE
) -> Interval:
    """The share to which it happens within `limit`, as `times`. None where nobody was watched so
    long, and it had not happened to all before.
    """
    n = len(times)
    known = sum(done or t >= limit for t, done in zip(times, happened, strict=True))
    if known == n:
        return share(sum(d and t <= limit for t, d in zip(times, happened, strict=True)), n, sure)
    still, bounds = _curve(times, happened, sure)
    if max(times) < limit and still.evaluate(limit) > 0:
        return Interval(None, None, None, n)
    value, high, low = (1 - float(c.evaluate(limit)) for c in (still, bounds.low, bounds.high))
    if not low <= value <= high:  # nothing or everything had happened by then: no log of it
        of_known = share(round(value * known), known, sure)
        return Interval(of_known.value, of_known.low, of_known.high, n)
    return Interval(value, low, high, n)


def _half(curve: Any) -> float | None:
    """The first time at which the curve is no higher than a half."""
    points = zip(curve.quantiles, curve.probabilities, strict=True)
    return next((float(t) for t, p in points if p <= 0.5), None)


def _curve(times: Sequence[float], happened: Sequence[bool], sure: float) -> tuple[Any, Any]:
    """(share to which it has not happened yet by each time, its bounds)."""
    from scipy.stats import CensoredData, ecdf

    exact = [t for t, done in zip(times, happened, strict=True) if done]
    later = [t for t, done in zip(times, happened, strict=True) if not done]
    curve = ecdf(CensoredData(uncensored=exact, right=later)).sf
    with warnings.catch_warnings():
        # where it has happened to none or to all there is no log of a log
        warnings.simplefilter("ignore", RuntimeWarning)
        return curve, curve.confidence_interval(sure, method="log-log")
