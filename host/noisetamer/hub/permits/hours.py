"""When a permit holds, by the square's clock and calendar. Pure.

A span over midnight belongs to the day on which it begins, as in a policy.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from noisetamer.hub.permits.permit import Permit
from noisetamer.unit.policy import days, times
from noisetamer.unit.policy.days import Calendar
from tamer.judge.calendar import within


def plays(permit: Permit, calendar: Calendar, at: float) -> bool:
    """Whether a Unix time is within its hours; whatever its state."""
    local = times.local(calendar.clock, int(at))
    minute = local.hour * 60 + local.minute
    if not within(permit.since, permit.until, minute):
        return False
    yesterdays = permit.until < permit.since and minute < permit.until
    return begins_on(permit, calendar, local.date() - timedelta(yesterdays))


def begins_on(permit: Permit, calendar: Calendar, day: date) -> bool:
    """Whether one of its spans begins on that day."""
    return permit.first <= day <= permit.last and days.is_on(calendar, day, permit.days)


def spans(
    permit: Permit, calendar: Calendar, first: date, last: date
) -> Iterator[tuple[int, int]]:
    """[begin, end) in Unix time of those that begin on these days, both included."""
    day = max(first, permit.first)
    while day <= min(last, permit.last):
        if begins_on(permit, calendar, day):
            over = permit.until < permit.since
            yield (
                days.at_minute(calendar, day, permit.since),
                days.at_minute(calendar, day + timedelta(over), permit.until),
            )
        day += timedelta(1)


def meet(one: Permit, other: Permit, calendar: Calendar) -> int | None:
    """When both first hold at the same time, Unix s; None where they never do."""
    if one.last + timedelta(1) < other.first or other.last + timedelta(1) < one.first:
        return None
    since = max(one.first, other.first) - timedelta(1)
    until = min(one.last, other.last) + timedelta(1)
    mine, others = (list(spans(each, calendar, since, until)) for each in (one, other))
    at = 0
    for begin, end in mine:
        while at < len(others) and others[at][1] <= begin:
            at += 1
        if at < len(others) and others[at][0] < end:
            return max(begin, others[at][0])
    return None


def text_of_minute(minute: int) -> str:
    """ "19:00"; "24:00" is the end of the day."""
    return f"{minute // 60:02}:{minute % 60:02}"
