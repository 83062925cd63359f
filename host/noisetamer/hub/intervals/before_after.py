"""Complaints, or other counts, before and after a date: how many times as many. Pure.

Weeks are counted, not days: each has one of every weekday, so weekdays neither help nor harm. By
the score interval of a quasi-Poisson regression: counts may vary more than by chance alone
(dispersion), and one week may resemble the next (`by_chance`). Where the weeks before are a year
or more, the season is a year's wave and half a year's. Where other squares are given as a control,
only this square's share of all counts is looked at (a logit of the date): whatever comes to all of
them, season, weather and holidays, cancels (difference in differences).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from noisetamer.hub.intervals.by_chance import carried_over
from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.intervals.shares import SURE

if TYPE_CHECKING:
    import numpy as np

WEEK, YEAR = 7, 365.25
WEEKS = 4  # on each side; of fewer, nothing is said
FEWEST = 10  # counts in all; of fewer, nothing is said
_FADES = 0.6  # of what lasts, weather say, so much is left a week later
_FAR = 8.0  # as a logarithm: nobody asks for a ratio beyond 1/3000 or 3000

ADMITTED, CONTROL, UNKNOWN = "admitted", "control", "unknown"


@dataclass(frozen=True)
class BeforeAfter:
    """ratio: counts after over counts before, other things equal; its n: counts looked at.

    season: ADMITTED by a year before; taken out by CONTROL squares; or UNKNOWN: less than a year
    is known before and there is no control, so the ratio may be the season's as well. before,
    after: counts a week, as they were; None without a whole week.
    """

    ratio: Interval
    season: str
    before: float | None
    after: float | None


def before_after(
    before: Sequence[int],
    after: Sequence[int],
    begins: date,
    control_before: Sequence[int] = (),
    control_after: Sequence[int] = (),
    sure: float = SURE,
) -> BeforeAfter:
    """before: of each day up to the one before `begins`; after: of each from it on, oldest first,
    a day without any as 0. control_before, control_after: the same days in squares where nothing
    began, all together. Raises ValueError for a control of other days.

    A week that is not whole, at either end, is left out.
    """
    has_control = len(control_before) + len(control_after) > 0
    if has_control and (len(control_before), len(control_after)) != (len(before), len(after)):
        raise ValueError("the control must have the same days")
    old, new = _weeks_back(before), _weeks(after)
    is_year = len(old) * WEEK >= YEAR - WEEK
    season = CONTROL if has_control else ADMITTED if is_year else UNKNOWN
    means = [sum(weeks) / len(weeks) if weeks else None for weeks in (old, new)]
    n = sum(old) + sum(new)
    nothing = BeforeAfter(Interval(None, None, None, n), season, *means)
    if min(len(old), len(new)) < WEEKS or n < FEWEST or not sum(old):
        return nothing
    import numpy as np

    counts = np.array([*old, *new], float)
    step = np.array([0.0] * len(old) + [1.0] * len(new))
    terms = [np.ones(len(counts))]
    of = None
    if has_control:
        of = counts + np.array([*_weeks_back(control_before), *_weeks(control_after)])
        if not sum(control_before) or of.sum() - counts.sum() < FEWEST:
            return nothing
        some = of > 0
        counts, step, of = counts[some], step[some], of[some]
        terms = [np.ones(len(counts))]
    elif is_year:
        first = begins - timedelta(WEEK * len(old))
        angle = (first.timetuple().tm_yday + WEEK * np.arange(len(counts))) * 2 * math.pi / YEAR
        terms += [wave(k * angle) for k in (1, 2) for wave in (np.sin, np.cos)]
    try:
        low, value, high = _bounds(counts, of, step, np.column_stack(terms), sure)
    except ValueError:
        return nothing  # counts so far apart that no model of them comes to an end
    return BeforeAfter(Interval(value, low, high, n), season, *means)


def _weeks(days: Sequence[int]) -> list[int]:
    return [sum(days[at : at + WEEK]) for at in range(0, len(days) - WEEK + 1, WEEK)]


def _weeks_back(days: Sequence[int]) -> list[int]:
    return _weeks(days[len(days) % WEEK :])


def _bounds(
    counts: "np.ndarray",
    of: "np.ndarray | None",
    step: "np.ndarray",
    terms: "np.ndarray",
    sure: float,
) -> tuple[float | None, float | None, float | None]:
    """(low, value, high) of the ratio. of: counts of which these are a share."""
    import numpy as np
    from scipy.optimize import root_scalar
    from scipy.stats import t
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    def fitted(effect: float | None) -> tuple["np.ndarray", "np.ndarray", float]:
        """(counts as expected, their variance by chance alone, the effect) where the effect is
        so large; None: as large as fits best.
        """
        columns = terms if effect is not None else np.column_stack([terms, step])
        offset = None if effect is None else effect * step
        if of is None:
            fit = GLM(counts, columns, families.Poisson(), offset=offset).fit()
            mean = variance = fit.fittedvalues
        else:
            family = families.Binomial()
            fit = GLM(counts / of, columns, family, offset=offset, var_weights=of).fit()
            p = np.clip(fit.fittedvalues, 1e-9, 1 - 1e-9)
            mean, variance = of * p, of * p * (1 - p)
        return mean, variance, float(fit.params[-1]) if effect is None else effect

    def score(effect: float) -> float:
        """How far below it the counts lie, in standard deviations by chance alone."""
        mean, variance, _ = fitted(effect)
        weighted = terms * variance[:, None]
        common = np.linalg.lstsq(terms.T @ weighted, weighted.T @ step, rcond=None)[0]
        told = float(step @ (variance * step) - (weighted.T @ step) @ common)
        return float(step @ (counts - mean)) / math.sqrt(max(told, 1e-12))

    is_none = not counts[step > 0].sum()
    whole = counts
    if is_none:
        counts = counts + 0.5 * step / step.sum()  # that its variance can be said
    mean, variance, best = fitted(None)
    residuals = (counts - mean) / np.sqrt(np.maximum(variance, 1e-9))
    counts = whole
    freedom = len(counts) - terms.shape[1] - 1
    more = max(1.0, float(residuals @ residuals) / freedom)
    alike = carried_over(list(residuals), terms.shape[1] + 1, _FADES)
    most = t.ppf((1 + sure) / 2, freedom / max(1.0, alike)) * math.sqrt(more * alike)

    def bound(side: int) -> float | None:
        near, reach = best, 0.25
        while reach <= _FAR:
            far = best + side * reach
            if side * score(far) <= -most:
                found = root_scalar(
                    lambda e: score(e) + side * most, bracket=(near, far), xtol=1e-3
                )
                return math.exp(found.root)
            near, reach = far, 2 * reach
        return None

    low = 0.0 if is_none else bound(-1) or 0.0
    return low, 0.0 if is_none else math.exp(best), bound(1)
