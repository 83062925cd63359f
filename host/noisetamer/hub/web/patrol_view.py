"""A square's rounds as a page shows them: a day's walks, a month's coverage, what was missed."""

import calendar as months
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from noisetamer.hub.patrols.check_in import CheckIn, Point
from noisetamer.hub.patrols.coverage import (
    Sum,
    Walk,
    summed,
    total,
)
from noisetamer.hub.patrols.patrols import Patrols
from noisetamer.unit.policy.days import Calendar, local_day, midnight
from noisetamer.unit.policy.times import local

MOST_MISSED = 60
LATELY_DAYS = 7
LOOKS = {"visited": "green", "late": "amber", "missed": "red", "open": "unknown"}


@dataclass(frozen=True)
class Stop:
    """One point of one walk. state: "visited", "late", "missed", "open"; at: "21:03"; by: who,
    "" where nobody may know."""

    point: Point
    state: str
    at: str = ""
    by: str = ""
    weak: bool = False


@dataclass(frozen=True)
class Walked:
    """One walk of the day."""

    name: str
    time: str
    stops: list[Stop]


@dataclass(frozen=True)
class Missed:
    """A point that nobody came by."""

    day: date
    round: str
    time: str
    point: str


@dataclass(frozen=True)
class View:
    """day: that is shown; rows: (point, its month); lately: missed in the last week before now."""

    day: date
    today: date
    walked: list[Walked]
    rows: list[tuple[Point, Sum]]
    total: Sum
    missed: list[Missed]
    many_missed: int
    lately: list[Missed]
    visits: list[dict[str, Any]]
    marks: list[dict[str, Any]] = field(default_factory=list)


def month(day: date) -> tuple[date, date]:
    """Its first and its last day."""
    return day.replace(day=1), day.replace(day=months.monthrange(day.year, day.month)[1])


def view(
    patrols: Patrols,
    square: str,
    calendar: Calendar,
    day: date | None,
    now: float,
    names: dict[str, str] | None,
) -> View:
    """names: {account: how people call it}; None: who looks may not know who walked. Blocks."""
    today = local_day(calendar, now)
    day = day or today
    first, last = month(day)
    lately = today - timedelta(LATELY_DAYS)
    of_month = patrols.walked(square, calendar, first, last)
    recent = patrols.walked(square, calendar, lately, today)
    named = {point.id: point for point in patrols.points(square, gone=True)}
    missed = _missed(of_month, named, calendar, now)
    sums = summed(of_month, now)
    begin = midnight(calendar, day)
    visits = patrols.check_ins(begin, midnight(calendar, day + timedelta(1)), square)
    walked = [_walked(walk, named, calendar, now, names) for walk in of_month if walk.day == day]
    return View(
        *(day, today, walked),
        rows=[(named[id], one) for id, one in sorted(sums.items()) if id in named],
        total=total(sums.values()),
        missed=missed[-MOST_MISSED:],
        many_missed=len(missed),
        lately=_missed(recent, named, calendar, now),
        visits=[_visit(one, named, calendar, names) for one in visits],
        marks=_marks(patrols.points(square), walked),
    )


def _walked(
    walk: Walk,
    named: dict[int, Point],
    calendar: Calendar,
    now: float,
    names: dict[str, str] | None,
) -> Walked:
    stops = []
    for id in walk.round.points:
        visit = walk.visits.get(id)
        at = f"{local(calendar.clock, visit.at):%H:%M}" if visit else ""
        by = names.get(visit.by, visit.by) if visit and names is not None else ""
        weak = visit is not None and visit.proof == "weak"
        if id in named:
            stops.append(Stop(named[id], walk.state(id, now), at, by, weak))
    return Walked(walk.round.name, _time(walk, calendar), stops)


def _missed(
    walked: list[Walk], named: dict[int, Point], calendar: Calendar, now: float
) -> list[Missed]:
    return [
        Missed(walk.day, walk.round.name, _time(walk, calendar), named[id].name)
        for walk in walked
        for id in walk.missed(now)
        if id in named
    ]


def _visit(
    visit: CheckIn, named: dict[int, Point], calendar: Calendar, names: dict[str, str] | None
) -> dict[str, Any]:
    late = visit.told - visit.at
    return {
        "at": f"{local(calendar.clock, visit.at):%H:%M}",
        "point": named[visit.point].name if visit.point in named else "",
        "by": names.get(visit.by, visit.by) if names is not None else "",
        "proof": visit.proof,
        "later": late // 60 if late > 180 else 0,
    }


def _marks(points: list[Point], walked: list[Walked]) -> list[dict[str, Any]]:
    """Each with the worst that the day's walks have of it."""
    worst: dict[int, str] = {}
    order = ("visited", "open", "late", "missed")
    for walk in walked:
        for stop in walk.stops:
            before = worst.get(stop.point.id, "visited")
            worst[stop.point.id] = max(before, stop.state, key=order.index)
    return [
        {
            "id": str(point.id),
            "title": point.name,
            "weak": point.kind == "weak",
            "state": worst.get(point.id, ""),
            "look": LOOKS[worst.get(point.id, "open")],
            # what has no place yet stands in a row below
            "x": 0.06 + 0.88 * n / max(1, len(points) - 1) if point.x is None else point.x,
            "y": 0.94 if point.y is None else point.y,
        }
        for n, point in enumerate(points)
    ]


def _time(walk: Walk, calendar: Calendar) -> str:
    begin, end = (local(calendar.clock, t) for t in (walk.begin, walk.end))
    return f"{begin:%H:%M}\N{EN DASH}{end:%H:%M}"
