"""Counts over a time, as rates. Pure."""

from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.intervals.shares import SURE


def rate(count: int, over: float, sure: float = SURE) -> Interval:
    """count in `over` (days, hours), each of one: of things that come alone and by chance
    (Poisson), by the exact interval of Garwood, which holds at least as often as it says.
    """
    if over <= 0:
        return Interval(None, None, None, count)
    from scipy.stats import chi2

    low = chi2.ppf((1 - sure) / 2, 2 * count) / 2 if count else 0.0
    high = chi2.ppf((1 + sure) / 2, 2 * count + 2) / 2
    return Interval(count / over, float(low) / over, float(high) / over, count)
