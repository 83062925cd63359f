"""Collide (碰撞): what is in two lists, in one of them only, hour by hour or day by day."""

from dataclasses import dataclass
from typing import Any

from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.intervals.shares import share
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
# of each list, what counts once
_KEYS = {"hour": "square, t", "day": "square, day", "clock": "t"}


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
    too, share_other: the other way round; rows: (square, t of the hour, square of the other's),
    the newest first."""

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
    keys, same = _KEYS[asked.by], _SAME[asked.by]
    matching = f"EXISTS (SELECT 1 FROM b WHERE {same})"
    ((one, both),) = ask(
        f"{lists}, keys AS (SELECT DISTINCT {keys}, CASE WHEN {matching} THEN 1 ELSE 0 END AS met"
        " FROM a) SELECT count(*), coalesce(sum(met), 0) FROM keys",
        given,
    )
    ((other,),) = ask(
        f"WITH b AS ({second}) SELECT count(*) FROM (SELECT DISTINCT {keys} FROM b) AS keys",
        others,
    )
    return Collided(
        *(int(one), int(other), int(both), share(int(both), int(one))),
        share(int(both), int(other)),
        ask(f"{lists} {_rows(asked, same)} ORDER BY 2 DESC, 1, 3 LIMIT ?", [*given, most]),
        coverage(ask, asked.scope),
    )


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
