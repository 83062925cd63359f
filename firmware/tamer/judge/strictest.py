"""The ruling while nobody knows what time it is: the strictest that could hold. Pure.

A box that woke up without the time is no louder, and no more patient, than it may be at any
minute of any day. What a policy forbids at all times is forbidden; what it allows at some time is
done, as softly as at the softest: an incident must not go unanswered because a clock failed.
"""

from tamer.judge.calendar import DAY, Clock
from tamer.judge.rules import Ruling, kinds, ruling
from tamer.record.reading import DATED_FROM

_WHY = "time unknown, strictest: "


def strictest(policy):
    """The Ruling for any undated moment."""
    utc = type(policy)(*[Clock(0, ()) if part is policy.clock else part for part in policy])
    days = _days(policy)
    least = ruling(utc, days[0] * DAY)
    for day in days:
        for minute in policy.edges[:-1]:
            least = _stricter(least, ruling(utc, day * DAY + minute * 60))
    return least


def _stricter(one, other):
    by = one if one.limit <= other.limit else other
    suddens = [each.sudden for each in (one, other) if each.sudden is not None]
    return Ruling(
        by.limit,
        min(suddens) if suddens else None,
        True,
        one.speak or other.speak,
        min(one.volume, other.volume),
        one.lamp or other.lamp,
        min(one.dim, other.dim),
        False,
        by.why if by.why.startswith(_WHY) else _WHY + by.why,
        0,
        DATED_FROM,
    )


def _days(policy):
    """A day of every sort that the policy tells apart."""
    listed = policy.holidays + policy.workdays
    quiet = [each.first for each in policy.quiet]
    over = [each.last for each in policy.quiet]
    first = max(listed + tuple(over) + (DATED_FROM // DAY,)) + 2
    if not policy.venues and not policy.allowed:
        return quiet + [first]
    days = {}
    # What holds over midnight depends on the day before as well.
    for day in [first + i for i in range(7)] + [day + i for day in listed for i in (0, 1)]:
        if day > DATED_FROM // DAY:
            days[kinds(policy, day), kinds(policy, day - 1)] = day
    return quiet + list(days.values())
