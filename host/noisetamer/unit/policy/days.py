"""Days of a square's clock and calendar: which one it is, when it begins, whether it is named.

Pure.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from noisetamer.unit.policy import times
from tamer.judge.calendar import DAYS, Clock
from tamer.judge.policy import Policy
from tamer.judge.rules import kinds

_EPOCH = date(1970, 1, 1)
_EVERY_DAY = DAYS[:7]


@dataclass(frozen=True)
class Calendar:
    """clock: of the square; holidays, workdays: numbers of days since 1970-01-01."""

    clock: Clock = field(default_factory=lambda: Clock(28_800, ()))
    holidays: tuple[int, ...] = ()
    workdays: tuple[int, ...] = ()


def of_policy(policy: Policy) -> Calendar:
    """The calendar that a square's policy goes by."""
    return Calendar(policy.clock, policy.holidays, policy.workdays)


def local_day(calendar: Calendar, at: float) -> date:
    """The day that the square's clock shows at a Unix time."""
    return times.local(calendar.clock, int(at)).date()


def midnight(calendar: Calendar, day: date) -> int:
    """When it begins, Unix s."""
    return at_minute(calendar, day, 0)


def at_minute(calendar: Calendar, day: date, minute: int) -> int:
    """minute: after its midnight, 1440 and more are of the days after. Unix s."""
    moment = datetime.combine(day, time()) + timedelta(minutes=minute)
    return times.unix_of(calendar.clock, moment)


def is_on(calendar: Calendar, day: date, named: Collection[str]) -> bool:
    """Whether it is one of the days that are named, as in a policy ("mon" ... "sun", "holiday",
    "workday"); none: every day."""
    bits = kinds(calendar, (day - _EPOCH).days)
    return any(bits & 1 << DAYS.index(name) for name in named or _EVERY_DAY)
