"""Hours of the local clock by the names of days that rounds use. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, timezone

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""As in a policy; "holiday" besides, of which only the policy knows the dates: such a day of its
own is left out here."""


def spans(
    days: Sequence[str], since: int, until: int, first: date, last: date, utc_offset: float
) -> Iterator[tuple[int, int]]:
    """(begin, end), Unix s, of each day from first to last. days: names, none: every day; since,
    until: minutes after local midnight, until the next morning where it is not later; utc_offset:
    h."""
    zone = timezone(timedelta(hours=utc_offset))
    long = (until - since) % 1440 or 1440
    day = first
    while day <= last:
        if not days or DAYS[day.weekday()] in days:
            midnight = int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
            yield midnight + 60 * since, midnight + 60 * (since + long)
        day += timedelta(days=1)
