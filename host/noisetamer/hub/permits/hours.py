"""When a permit holds, by the square's clock and calendar. Pure.

A span over midnight belongs to the day on which it begins, as in a policy.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from noisetamer.hub.permits.permit import Permit
from noisetamer.unit.policy import times
from tamer.judge.calendar import DAY, DAYS, Clock, stretch, within
from tamer.judge.policy import Policy
from tamer.judge.rules import kinds

_EPOCH = date(1970, 1, 1)
_EVERY_DAY = frozenset(DAYS[:7])


@dataclass(frozen=True)
class Calendar:
    """clock: of the square; holidays, workdays: numbers of days since 1970-01-01."""

    clock: Clock = field(default_factory=lambda: Clock(28_800, ()))
    holidays: tuple[int, ...] = ()
    workdays: tuple[int, ...] = ()


def of_policy(policy: Policy) -> Calendar:
    """The calendar that a square's policy goes by."""
    return Calendar(policy.clock, policy.holidays, policy.workdays)


def plays(permit: Permit, calendar: Calendar, at: float) -> bool:
    """Whether a Unix time is within its hours; whatever its state."""
    t = int(at)
    day, second = divmod(t + stretch(calendar.clock, t)[0], DAY)
    minute = second // 60
    if not within(permit.since, permit.until, minute):
        return False
    if permit.until < permit.since and minute < permit.until:
        day -= 1
    return begins_on(permit, calendar, _EPOCH + timedelta(day))


def begins_on(permit: Permit, calendar: Calendar, day: date) -> bool:
    """Whether one of its spans begins on that day."""
    if not permit.first <= day <= permit.last:
        return False
    bits = kinds(calendar, (day - _EPOCH).days)
    wanted = permit.days or _EVERY_DAY
    return any(bits & 1 << DAYS.index(name) for name in wanted)


def spans(
    permit: Permit, calendar: Calendar, first: date, last: date
) -> Iterator[tuple[int, int]]:
    """[begin, end) in Unix time of those that begin on these days, both included."""
    day = max(first, permit.first)
    while day <= min(last, permit.last):
        if begins_on(permit, calendar, day):
            over = permit.until < permit.since
            yield (
                _unix(calendar, day, permit.since),
                _unix(calendar, day + timedelta(over), permit.until),
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


def local_date(calendar: Calendar, at: float) -> date:
    """The day that the square's clock shows."""
    t = int(at)
    return datetime.fromtimestamp(t + stretch(calendar.clock, t)[0], UTC).date()


def _unix(calendar: Calendar, day: date, minute: int) -> int:
    if not calendar.clock.changes:  # most clocks: an application is held against many days
        return (day - _EPOCH).days * DAY + minute * 60 - calendar.clock.offset
    day += timedelta(minute // 1440)
    hour, minute = divmod(minute % 1440, 60)
    return times.unix_time(calendar.clock, f"{day} {hour:02}:{minute:02}")


def text_of_minute(minute: int) -> str:
    """ "19:00"; "24:00" is the end of the day."""
    return f"{minute // 60:02}:{minute % 60:02}"
