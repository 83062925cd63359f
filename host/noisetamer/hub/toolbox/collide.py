"""Collide (碰撞): what is in two lists, in one of them only, hour by hour or day by day."""

from dataclasses import dataclass
from typing import Any

from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.intervals.shares import share_of_days
from noisetamer.hub.toolbox.pick import Pick
from noisetamer.hub.toolbox.scope import Ask, Coverage, Scope, coverage

BY = ("hour", "day", "clock")
"""hour, day: of the same square; clock: the same hour in whatever square each is."""
SHOWN = ("both", "one", "other")
MOST = 50_000

_SAME = {
    "hour": "b.square=a.square AND b.t=a.t",
    "day": "b.square=a.square AND b.day=a.day",
    "clock": "b.t=a.t",
}
# of each list, what counts once, and of which day it is
_KEYS = {"hour": "square, day, t", "day": "square, day", "clock": "day, t"}
_DAYS = {"hour": "square, day", "day": "square, day", "clock": "day"}


@dataclass(frozen=True)
class Collide:
    """shown: of SHOWN: which rows are handed out."""

    scope: Scope
    one: Pick
    other: Pick
    by: str = "hour"
    shown: str = "both"


@dataclass(frozen=True)
class Collided:
    """How many are in one, in the other, in both; share: of the first that are in the second
    too, share_other: the other way round, as sure as days differ; rows: (square, t of the hour,
    square of the other's), the newest first."""

    one: int
    other: int
    both: int
    share: Interval
    share_other: Interval
    rows: list[tuple[Any, ...]]
    coverage: Coverage


def collide(ask: Ask, asked: Collide, most: int = MOST) -> Collided:
    """most: rows that are wanted."""
    (first, values), (second, others) = (
        pick.hours(asked.scope) for pick in (asked.one, asked.other)
    )
    if asked.by == "day":
        first, second = (_days(query) for query in (first, second))
    lists, given = f"WITH a AS ({first}), b AS ({second})", [*values, *others]
    turned, given_turned = f"WITH a AS ({second}), b AS ({first})", [*others, *values]
    one = _met(ask, lists, given, asked.by)
    other = _met(ask, turned, given_turned, asked.by)
    return Collided(
        *(sum(of for _, of in one), sum(of for _, of in other), sum(met for met, _ in one)),
        *(share_of_days(one), share_of_days(other)),
        ask(
            f"{lists} {_rows(asked, _SAME[asked.by])} ORDER BY 2 DESC, 1, 3 LIMIT ?",
            [*given, most],
        ),
        coverage(ask, asked.scope),
    )


def _met(ask: Ask, lists: str, given: list[Any], by: str) -> list[tuple[int, int]]:
    """Of each day: (how many of the first list are in the second too, how many there are)."""
    days = ask(
        f"{lists}, keys AS (SELECT DISTINCT {_KEYS[by]}, CASE WHEN EXISTS"
        f" (SELECT 1 FROM b WHERE {_SAME[by]}) THEN 1 ELSE 0 END AS met FROM a)"
        f" SELECT sum(met), count(*) FROM keys GROUP BY {_DAYS[by]} ORDER BY 2, 1",
        given,
    )
    return [(int(met), int(of)) for met, of in days]


def _days(query: str) -> str:
    """The first hour of each day."""
    return f"SELECT square, min(t) AS t, day FROM ({query}) AS every GROUP BY square, day"


def _rows(asked: Collide, same: str) -> str:
    if asked.shown == "both":
        return f"SELECT a.square, a.t, b.square FROM a JOIN b ON {same}"
    if asked.shown == "one":
        return f"SELECT a.square, a.t, '' FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE {same})"
    # the same condition, seen from the other list
    return f"SELECT b.square, b.t, '' FROM b WHERE NOT EXISTS (SELECT 1 FROM a WHERE {same})"
