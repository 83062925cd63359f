"""Complaints, groups, permits, rounds, questions and weather as rows: read whole, they are few."""

import bisect
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from noisetamer.hub.facts.calendar import spans
from noisetamer.hub.facts.sources import Sources
from noisetamer.hub.facts.weather import Weather
from noisetamer.hub.permits import hours
from noisetamer.hub.store.hour_sums import HOUR

Row = tuple[Any, ...]


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
        "visits": _visits(sources, names, now, utc_offset),
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


def _visits(
    sources: Sources, names: dict[int, str], now: float, utc_offset: float
) -> Iterator[Row]:
    """Each point of each round of each day that is over, since the square's first check-in: what
    was before was no duty yet."""
    came: dict[int, list[int]] = defaultdict(list)
    began: dict[str, int] = {}
    for one in sources.check_ins():
        came[one.point].append(one.at)
        began[one.square] = min(one.at, began.get(one.square, one.at))
    for times in came.values():
        times.sort()
    for each in sources.rounds():
        if each.square not in began:
            continue
        first = _local_day(began[each.square], utc_offset)
        for begin, end in spans(
            each.days, each.since, each.until, first, _local_day(now, utc_offset), utc_offset
        ):
            if end > now:
                continue
            for point in each.points:
                times = came[point]
                at = bisect.bisect_left(times, begin)
                there = times[at] if at < len(times) and times[at] < end else None
                name = names.get(point, "")
                yield each.square, begin, _hour(begin), end, each.name, name, there


def _questions(sources: Sources, utc_offset: float) -> Iterator[Row]:
    for one in sources.questions():
        t, _ = next(spans((), 0, 0, one.raised, one.raised, utc_offset))
        done = None
        if one.done:
            done, _ = next(spans((), 0, 0, one.done, one.done, utc_offset))
        yield one.id, one.square, t, _hour(t), done


def _hour(t: float) -> int:
    return int(t) // HOUR * HOUR


def _local_day(t: float, utc_offset: float) -> date:
    return datetime.fromtimestamp(t + utc_offset * HOUR, UTC).date()
