"""How levels of days differ between two periods. Pure."""

from collections.abc import Sequence
from datetime import date

from noisetamer.hub.intervals.by_chance import carried_over
from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.intervals.shares import SURE

FEWEST = 7  # days on each side; of fewer, nothing is said
_WEEKDAYS = 14  # days on each side from which on weekdays are told apart


def level_difference(
    before: Sequence[tuple[date, float]], after: Sequence[tuple[date, float]], sure: float = SURE
) -> Interval:
    """after less before, dB: of one figure a day (LAeq of its evening, say), days in order, those
    of which too little is known left out. n: days.

    Hours of one day resemble each other, so a day is one value; one day resembles the next, so
    each counts for less (`by_chance`); weekdays are told apart from two weeks on. The season is
    not: compare the same months of two years, or a square with another.
    """
    n = len(before) + len(after)
    if min(len(before), len(after)) < FEWEST:
        return Interval(None, None, None, n)
    import numpy as np
    from scipy.stats import t

    days = [*before, *after]
    levels = np.array([level for _, level in days])
    step = np.array([0.0] * len(before) + [1.0] * len(after))
    columns = [step, np.ones(n)]
    if min(len(before), len(after)) >= _WEEKDAYS:
        columns += [np.array([day.weekday() == k for day, _ in days], float) for k in range(6)]
    terms = np.column_stack(columns)
    fit, _, rank, _ = np.linalg.lstsq(terms, levels, rcond=None)
    residuals = levels - terms @ fit
    freedom = n - int(rank)
    alike = carried_over(list(residuals), 2)
    one = float(residuals @ residuals) / freedom * float(np.linalg.pinv(terms.T @ terms)[0, 0])
    far = float(t.ppf((1 + sure) / 2, freedom / max(1.0, alike))) * (one * alike) ** 0.5
    value = float(fit[0])
    return Interval(value, value - far, value + far, n)
