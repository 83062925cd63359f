"""Complaints, groups, permits, rounds, questions and weather as rows: read whole, they are few."""

import bisect
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from noisetamer.hub.facts.derived import EARLIEST
from noisetamer.hub.facts.sources import Sources
from noisetamer.hub.facts.weather import Weather
from noisetamer.hub.patrols.check_in import CheckIn
from noisetamer.hub.patrols.coverage import walks
from noisetamer.hub.permits import hours
from noisetamer.hub.store.hour_sums import HOUR
from noisetamer.unit.policy.days import local_day

Row = tuple[Any, ...]

DAY = 24 * HOUR
_WEEK = 7


def rows(
    sources: Sources, weather: Weather | None, now: float, utc_offset: float
) -> dict[str, Iterator[Row]]:
    """{table of facts.tables: its rows}. now: Unix s; utc_offset: h."""
    names = {point.id: point.name for point in sources.points()}
    return {
        "complaints": (
            (one.id, one.square, one.at, _hour(one.at), one.source, one.side, one.level)
            for one in sources.complaints()
        ),
        "groups": ((one.id, one.square, one.name) for one in sources.groups()),
        "playing": _playing(sources, now),
        "check_ins": (
            (
                *(one.id, one.square, one.at, _hour(one.at)),
                *(names.get(one.point, ""), one.proof, one.told),
            )
            for one in sources.check_ins()
        ),
        "visits": _visits(sources, names, now),
        "questions": _questions(sources, utc_offset),
        "weather": (
            (one.square, one.t, one.wind, one.rain, one.temperature)
            for one in (weather.between(0, 1 << 40) if weather else ())
        ),
    }


def _playing(sources: Sources, now: float) -> Iterator[Row]:
    """The hours of approved permits, those to come too, up to a year."""
    horizon = datetime.fromtimestamp(now, UTC).date() + timedelta(days=366)
    for permit in sources.permits():
        if permit.state != "approved":
            continue
        calendar = sources.calendar(permit.square)
        for begin, end in hours.spans(permit, calendar, permit.first, horizon):
            for t in range(_hour(begin), end, HOUR):
                yield permit.square, max(t, begin), t, permit.group, permit.id


def _visits(sources: Sources, names: dict[int, str], now: float) -> Iterator[Row]:
    """Each point of each walk of each round that is over, its grace too."""
    squares = {point.square for point in sources.points()}
    came: dict[str, list[CheckIn]] = {square: [] for square in squares}
    for one in sorted(sources.check_ins(), key=lambda one: one.at):
        came.setdefault(one.square, []).append(one)
    for square, visits in sorted(came.items()):
        held = list(sources.held(0, now, square))
        if not held:
            continue
        calendar = sources.calendar(square)
        times = [one.at for one in visits]
        first = local_day(calendar, max(EARLIEST, min(one.began for one in held)))
        today = local_day(calendar, now)
        while first <= today:
            # a week at a time: each check-in is held against the walks of it only
            last = min(today, first + timedelta(_WEEK - 1))
            begin, end = (_midnight(day, 0) for day in (first, last + timedelta(2)))
            those = visits[
                bisect.bisect_left(times, begin - DAY) : bisect.bisect_left(times, end + DAY)
            ]
            for walk in walks(held, calendar, first, last, those):
                for point in walk.round.points:
                    state = walk.state(point, now)
                    if state != "open":
                        made = walk.visits[point].at if point in walk.visits else None
                        yield (
                            *(square, walk.begin, _hour(walk.begin), walk.end, walk.round.name),
                            *(names.get(point, ""), made),
                        )
            first = last + timedelta(1)


def _questions(sources: Sources, utc_offset: float) -> Iterator[Row]:
    for one in sources.questions():
        t = _midnight(one.raised, utc_offset)
        done = _midnight(one.done, utc_offset) if one.done else None
        yield one.id, one.square, t, _hour(t), done


def _midnight(day: date, utc_offset: float) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() - utc_offset * HOUR)


def _hour(t: float) -> int:
    return int(t) // HOUR * HOUR
