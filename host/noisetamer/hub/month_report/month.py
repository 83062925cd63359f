"""A month of a square's own clock. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from noisetamer.base.errors import UserError

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEARS = range(2000, 2100)


@dataclass(frozen=True)
class Month:
    """year, number: of the calendar; zone: of the square's clock."""

    year: int
    number: int
    zone: tzinfo

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def after(self) -> date:
        """The first day of the next one."""
        return date(self.year + self.number // 12, self.number % 12 + 1, 1)

    @property
    def since(self) -> int:
        """Its first second, Unix s."""
        return self.midnight(self.first)

    @property
    def until(self) -> int:
        """The second after its last, Unix s."""
        return self.midnight(self.after)

    @property
    def days(self) -> list[date]:
        count = (self.after - self.first).days
        return [self.first + timedelta(days=n) for n in range(count)]

    def midnight(self, day: date) -> int:
        """When a day begins, Unix s."""
        return self.at(day, 0)

    def at(self, day: date, minute: int) -> int:
        """A time of the square's clock, minutes after midnight (1440: the next), Unix s. Of one
        that comes twice the first; one that the clock leaps over is as if it had not leapt."""
        days, rest = divmod(minute, 1440)
        local = datetime(day.year, day.month, day.day) + timedelta(days=days, minutes=rest)
        return round(local.replace(tzinfo=self.zone).timestamp())

    def local(self, t: float) -> datetime:
        """What the square's clock says then."""
        return datetime.fromtimestamp(t, UTC).astimezone(self.zone)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


def month(text: str, zone: tzinfo) -> Month:
    """Of "2026-11". Raises UserError."""
    found = _MONTH.fullmatch(text.strip())
    if found:
        year, number = int(found[1]), int(found[2])
        if year in _YEARS and 1 <= number <= 12:
            return Month(year, number, zone)
    raise UserError(f'"{text}" is no month: write it like 2026-11')
