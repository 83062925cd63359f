"""Local times of a policy's clock."""

import datetime

from noisetamer.base.errors import UserError
from tamer.judge.calendar import DAY, Clock, day_number, stretch

_FORMATS = (
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"),
    "%Y-%m-%d",
)
EPOCH = datetime.datetime(1970, 1, 1)


def unix_time(clock: Clock, text: str) -> int:
    """Of a local time such as "2026-11-24 21:30", or of a date: when that day begins.

    Of an hour that the clock repeats it is the first, of one that it leaves out the moment of
    the change. Raises UserError for what is no time.
    """
    try:
        return unix_of(clock, moment(text))
    except ValueError:
        raise _none(text) from None


def moment(text: str) -> datetime.datetime:
    """The local time that is written so; of a date, its midnight. Raises UserError."""
    for form in _FORMATS:
        try:
            return datetime.datetime.strptime(text, form)
        except ValueError:
            continue
    raise _none(text)


def days(clock: Clock, since: int, count: int) -> list[int]:
    """Unix times at which the day of `since` and those after it begin, and the last one ends."""
    first = local(clock, since).date()
    dates = [first + datetime.timedelta(days=ahead) for ahead in range(count + 1)]
    midnight = datetime.time()
    return [unix_of(clock, datetime.datetime.combine(date, midnight)) for date in dates]


def local(clock: Clock, t: int) -> datetime.datetime:
    """The local time at Unix time t, without a zone."""
    return EPOCH + datetime.timedelta(seconds=t + stretch(clock, t)[0])


def unix_of(clock: Clock, moment: datetime.datetime) -> int:
    """Of a local time without a zone, as `unix_time`."""
    seconds = day_number(moment.year, moment.month, moment.day) * DAY
    seconds += (moment - datetime.datetime.combine(moment.date(), datetime.time())).seconds
    offsets = sorted({clock.offset, *(offset for _, offset in clock.changes)}, reverse=True)
    for offset in offsets:
        if stretch(clock, seconds - offset)[0] == offset:
            return seconds - offset
    return next(at for at, _ in clock.changes if at > seconds - offsets[0])


def _none(text: str) -> UserError:
    return UserError(f'"{text}" is no time: write it like "2026-11-24 21:30"')
