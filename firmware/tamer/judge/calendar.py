"""Days and local clocks without a time library. Pure.

A day is its number since 1970-01-01. A Clock says how far local time leads UTC, and when that
changes: summer time is data, so no table of time zones is needed on the box.
"""

from collections import namedtuple

# offset: s east of UTC before the first change. changes: (Unix time, offset from then on), rising.
Clock = namedtuple("Clock", ("offset", "changes"))

# A second's place: whether it is the night's, [since, until) of what is so within one hour, and
# when that hour and that day of the local clock begin and end. All Unix time.
Place = namedtuple("Place", ("night", "since", "until", "hour", "hour_ends", "day", "day_ends"))

DAY = 86400
_HOUR = 3600

# In the order of `weekday`, then what only a list of dates can tell.
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday", "workday")

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def day_number(year, month, day):
    """Days since 1970-01-01 (Gregorian calendar), from 1970 on; ValueError: no such day."""
    if year < 1970 or not 1 <= month <= 12 or not 1 <= day <= _length(year, month):
        raise ValueError("there is no such day")
    before = year - 1
    leap_days = before // 4 - before // 100 + before // 400 - 477  # 477: those before 1970
    days = (year - 1970) * 365 + leap_days + day - 1
    for earlier in range(1, month):
        days += _length(year, earlier)
    return days


def weekday(day):
    """0: Monday ... 6: Sunday."""
    return (day + 3) % 7


def within(since, until, minute):
    """Whether a minute of the day is in a span; one that ends before it begins goes over
    midnight."""
    if since <= until:
        return since <= minute < until
    return minute >= since or minute < until


def is_night(hours, minute):
    """Whether a minute of the day is the night's. hours: (day from, night from), in minutes."""
    day_from, night_from = hours
    return within(night_from, day_from, minute)


def stretch(clock, t):
    """(offset, since, until): the offset that holds at Unix time t, and for since <= t < until.

    since and until are None where nothing ever changed before or will change after.
    """
    offset, since = clock.offset, None
    for at, following in clock.changes:
        if t < at:
            return offset, since, at
        offset, since = following, at
    return offset, since, None


def place(clock, hours, t):
    """The Place of Unix time t. hours: (day from, night from), in minutes after midnight.

    Where the clock is put on or back, hours and days have their real lengths: one that comes
    twice is two hours of the same day.
    """
    offset, since, until = stretch(clock, t)
    second = (t + offset) % DAY
    hour = t - second % _HOUR
    hour_ends = hour + _HOUR
    if since is not None and since > hour:
        hour = since
    if until is not None and until < hour_ends:
        hour_ends = until
    since, until = hour, hour_ends
    for edge in hours:
        at = t - second + edge * 60
        if since < at <= t:
            since = at
        elif t < at < until:
            until = at
    day = (t + offset) // DAY
    begins, ends = _midnight(clock, day), _midnight(clock, day + 1)
    if t >= ends:
        # Put back over midnight, the clock shows a day that is over.
        begins, ends = ends, _midnight(clock, day + 2)
    return Place(is_night(hours, second // 60), since, until, hour, hour_ends, begins, ends)


def _midnight(clock, day):
    """When the local clock first shows that day or a later one."""
    offset, since = clock.offset, None
    for at, following in clock.changes:
        begins = day * DAY - offset
        if begins < at:
            return begins if since is None else max(begins, since)
        offset, since = following, at
    begins = day * DAY - offset
    return begins if since is None else max(begins, since)


def _length(year, month):
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _LENGTHS[month - 1] + leap
