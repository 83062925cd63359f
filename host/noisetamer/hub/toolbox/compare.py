"""Compare (比较): two places, two periods, or both, by one figure a day or by a share."""

import math
from dataclasses import dataclass
from datetime import date, timedelta

from noisetamer.hub.intervals.before_after import BeforeAfter, before_after
from noisetamer.hub.intervals.by_chance import carried_over
from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.intervals.levels import level_difference
from noisetamer.hub.intervals.shares import difference, share_of_days
from noisetamer.hub.toolbox.scope import Ask, Coverage, Scope, coverage
from noisetamer.hub.toolbox.things import IN_HOURS

EPOCH = date(1970, 1, 1)
_FEWEST_DAYS = 7
ENOUGH = 0.5
"""A day of which less is known says nothing of levels and incidents."""

DAYS = ("level", "over", "incidents", "warnings", "complaints")
"""One figure a day: LAeq in dB, share of the known seconds above the limit, how many."""

_SHARES = {
    "obeyed": f"SELECT sum(f.effective), count(*) FROM {IN_HOURS.format('warnings')}"
    " WHERE f.effective IS NOT NULL AND {}",
    "needed": f"SELECT sum(f.needed), count(*) FROM {IN_HOURS.format('incidents')}"
    " WHERE f.kind='noise' AND {}",
    "visited": f"SELECT count(f.made), count(*) FROM {IN_HOURS.format('visits')} WHERE {{}}",
}

MEASURES = (*DAYS, *_SHARES)
"""Besides: warnings that were obeyed, incidents for which people were called, visits that were
made."""

# heard by a box: what is not known is not zero
_HEARD = ("level", "over", "incidents", "warnings")
COUNTS = ("incidents", "warnings", "complaints")


@dataclass(frozen=True)
class Compare:
    """one, other: what is compared; of both the same weekdays and hours."""

    one: Scope
    other: Scope
    measure: str = "level"


@dataclass(frozen=True)
class Side:
    """value: of the measure; days: (day since 1970, its figure) that count, in order; left_out:
    days of which too little is known."""

    value: Interval
    days: list[tuple[int, float]]
    left_out: int
    coverage: Coverage


@dataclass(frozen=True)
class Compared:
    """difference: the other less the one; before_after: of counts of the same squares, where the
    other period begins when the first ends."""

    one: Side
    other: Side
    difference: Interval
    before_after: BeforeAfter | None


def compare(ask: Ask, asked: Compare) -> Compared:
    """Days of the two sides are taken as they are: the season is only admitted by
    `before_after`."""
    if asked.measure in _SHARES:
        one, other = (_share(ask, scope, asked.measure) for scope in (asked.one, asked.other))
        return Compared(one, other, difference(other.value, one.value), None)
    one, other = (_days(ask, scope, asked.measure) for scope in (asked.one, asked.other))
    apart = level_difference(_dated(one.days), _dated(other.days))
    return Compared(one, other, apart, _before_after(ask, asked))


def _share(ask: Ask, scope: Scope, measure: str) -> Side:
    where, values = scope.part()
    days = ask(f"{_SHARES[measure].format(where)} GROUP BY h.square, h.day ORDER BY 2, 1", values)
    value = share_of_days([(int(found), int(of)) for found, of in days])
    return Side(value, [], 0, coverage(ask, scope))


def _days(ask: Ask, scope: Scope, measure: str) -> Side:
    where, values = scope.part()
    days: list[tuple[int, float]] = []
    left_out = 0
    for day, squares, energy, valid, known, over, *counts in ask(
        "SELECT h.day, count(DISTINCT h.square), sum(h.energy), sum(h.valid), sum(h.known),"
        " sum(h.over), sum(h.incidents), sum(h.warnings), sum(h.complaints) FROM hours h"
        f" WHERE {where} GROUP BY h.day ORDER BY h.day",
        values,
    ):
        if measure in _HEARD and valid < ENOUGH * known:
            left_out += 1
        elif measure == "level":
            if energy:
                days.append((day, 10 * math.log10(energy / float(valid))))
        elif measure == "over":
            days.append((day, float(over) / float(valid)))
        else:
            days.append((day, float(counts[COUNTS.index(measure)]) / squares))
    return Side(_mean([figure for _, figure in days]), days, left_out, coverage(ask, scope))


def _mean(figures: list[float]) -> Interval:
    """Of days, each of which may resemble the one before."""
    n = len(figures)
    if not n:
        return Interval(None, None, None, 0)
    mean = sum(figures) / n
    if n < _FEWEST_DAYS:
        return Interval(mean, None, None, n)
    from scipy.stats import t

    apart = [figure - mean for figure in figures]
    alike = carried_over(apart, 1)
    error = (sum(one**2 for one in apart) / (n - 1) / n * alike) ** 0.5
    far = float(t.ppf(0.975, max(2.0, (n - 1) / alike))) * error
    return Interval(mean, mean - far, mean + far, n)


def _before_after(ask: Ask, asked: Compare) -> BeforeAfter | None:
    one, other = asked.one, asked.other
    if asked.measure not in COUNTS or one.squares != other.squares:
        return None
    if one.last is None or other.first != one.last + 1 or other.last is None or one.first is None:
        return None
    before, after = (_counts(ask, scope, asked.measure) for scope in (one, other))
    return before_after(before, after, EPOCH + timedelta(one.last + 1))


def _dated(days: list[tuple[int, float]]) -> list[tuple[date, float]]:
    return [(EPOCH + timedelta(day), figure) for day, figure in days]


def _counts(ask: Ask, scope: Scope, measure: str) -> list[int]:
    """Of each day, those without any too."""
    where, values = scope.part()
    assert measure in COUNTS and scope.first is not None and scope.last is not None
    found = {
        day: int(n)
        for day, n in ask(
            f"SELECT h.day, sum(h.{measure}) FROM hours h WHERE {where} GROUP BY h.day", values
        )
    }
    return [found.get(day, 0) for day in range(scope.first, scope.last + 1)]
