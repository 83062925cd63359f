"""Hours of a place, from those the store has summed up."""

from collections.abc import Iterator, Sequence
from typing import Any

from noisetamer.hub.store.hour_sums import HOUR, HourSum, above
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.series import Levels
from tamer.record.reading import MISSING

# so many days of a unit are read at once
AT_ONCE_DAYS = 31


class Limits:
    """Which limit held in an hour, as far as a box has told: it names it only when it is
    exceeded. The last one told in that hour; else the one told last in the same hour of another
    day (day and night have limits of their own)."""

    def __init__(self) -> None:
        self._by_hour: dict[int, int] = {}

    def of(self, t: int, told: Sequence[int]) -> int | None:
        """told: in the hour from t on, in order. Hours come in their order."""
        hour_of_day = t % DAY // HOUR
        if told:
            self._by_hour[hour_of_day] = told[-1]
        return self._by_hour.get(hour_of_day)


def rows(
    levels: Levels,
    units: Sequence[str],
    square: str,
    since: int,
    until: int,
    limits: Limits,
) -> Iterator[tuple[Any, ...]]:
    """Of facts.tables.levels. units: that of a place, then those it replaced."""
    for begin in range(since, until, AT_ONCE_DAYS * DAY):
        found = levels.series(units, begin, min(until, begin + AT_ONCE_DAYS * DAY))
        told: dict[int, list[int]] = {}
        for t, limit in found.limits:
            told.setdefault(t // HOUR * HOUR, []).append(limit)
        for one in found.hours:
            yield _row(units[0], square, one, limits.of(one.t, told.get(one.t, ())))


def _row(unit: str, square: str, one: HourSum, limit: int | None) -> tuple[Any, ...]:
    hour = one.hour
    over = None if limit is None else above(one.period, limit)
    known = (hour.LAeq, hour.LAFmax, hour.L10, hour.L90)
    levels = (None if level == MISSING else level for level in known)
    return unit, square, one.t, *levels, limit, hour.valid, over
