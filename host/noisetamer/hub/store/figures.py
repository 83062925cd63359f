"""Figures of days, months and hours of the week, from hours that are summed up. Pure.

By the box's own arithmetic (tamer.record.statistics). Day and night are those of GB 3096-2008:
06:00 to 22:00 of the local clock, and the rest of the same calendar day.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from noisetamer.hub.store import hour_sums
from noisetamer.hub.store.hour_sums import HOUR, HourSum
from noisetamer.hub.store.hours import LEVELS
from noisetamer.hub.store.packed_day import DAY
from tamer.record.reading import MISSING
from tamer.record.statistics import Period, Statistics, day_night_level

DAY_BEGINS, NIGHT_BEGINS = 6, 22
# A day or night of which less is known says little of it: HJ 906-2017 asks for 20 h of 24.
ENOUGH = 20 / 24


@dataclass(frozen=True)
class DayFigures:
    """One calendar day from Unix time t on. Levels in 0.1 dB, MISSING where nothing is known.

    day, night: of its 16 and its 8 hours.
    """

    t: int
    whole: Statistics
    day: Statistics
    night: Statistics
    Ldn: int


@dataclass(frozen=True)
class Together:
    """Of many days: all hours, those of the days, those of the nights. Without their lengths."""

    whole: Statistics
    day: Statistics
    night: Statistics


@dataclass(frozen=True)
class Cell:
    """An hour of the week. LAeq in 0.1 dB; valid of seconds are known."""

    LAeq: int
    valid: int
    seconds: int


@dataclass(frozen=True)
class Side:
    """Days before or after a date, by one figure. days: of which enough is known; mean, spread
    (standard deviation from day to day): dB, None without a day, or without two.
    """

    days: int
    mean: float | None
    spread: float | None


@dataclass(frozen=True)
class Change:
    """difference: after less before, dB; uncertain: what days that differ among themselves make
    of a difference by chance (two standard errors), dB; None where it cannot be said.
    """

    before: Side
    after: Side
    difference: float | None
    uncertain: float | None


East = Callable[[int], int]
"""By how many s the local clock leads UTC at a Unix time."""


def _is_night(local: int) -> bool:
    return not DAY_BEGINS <= local % DAY // HOUR < NIGHT_BEGINS


def days(
    hours: Iterable[HourSum], utc_offset: float, told: dict[int, dict[str, Any]]
) -> tuple[list[DayFigures], Together]:
    """Each calendar day of which anything is known, and all of them together.

    told: {begin: fields of the box's own `day` event}, which is taken where it knows more.
    """
    return days_of_clock(hours, _fixed(utc_offset), told)


def days_of_clock(
    hours: Iterable[HourSum], east: East, told: dict[int, dict[str, Any]]
) -> tuple[list[DayFigures], Together]:
    """As `days`, of a clock that may be put on and back: a day has 23 or 25 h then."""
    by_day: dict[int, list[tuple[bool, bytes]]] = {}
    for hour in hours:
        local = hour.t + east(hour.t)
        by_day.setdefault(local // DAY, []).append((_is_night(local), hour.period))
    found = []
    whole_span, all_days, all_nights = Period(0, 0), Period(0, 0), Period(0, 0)
    for number, of_it in by_day.items():
        t = _midnight(number, east)
        parts: tuple[list[bytes], list[bytes]] = ([], [])
        for at_night, period in of_it:
            parts[at_night].append(period)
        length = _midnight(number + 1, east) - t
        whole, day, night = _parts(t, length, tuple(parts[0]), tuple(parts[1]))
        whole_span.add_hour(whole)
        all_days.add_hour(day)
        all_nights.add_hour(night)
        found.append(_day(t, whole, day, night, told.get(t)))
    parts_together = (each.statistics() for each in (whole_span, all_days, all_nights))
    return found, Together(*parts_together)


def _fixed(utc_offset: float) -> East:
    return lambda t: round(utc_offset * HOUR)


def _midnight(day: int, east: East) -> int:
    """When a day of the local clock begins, counted from 1970-01-01, Unix s."""
    near = day * DAY - east(day * DAY)
    return day * DAY - east(near)


@lru_cache(maxsize=512)  # a few MB; a month is looked at by day, week and month
def _parts(
    t: int, length: int, of_day: tuple[bytes, ...], of_night: tuple[bytes, ...]
) -> tuple[Period, Period, Period]:
    """The whole day, its day and its night. Nobody adds to them."""
    by_day = (NIGHT_BEGINS - DAY_BEGINS) * HOUR
    day = hour_sums.together(t, by_day, of_day)
    night = hour_sums.together(t, length - by_day, of_night)
    whole = Period(t, length)
    for part in (day, night):
        whole.add_hour(part)
    return whole, day, night


def _day(
    t: int, whole: Period, day: Period, night: Period, told: dict[str, Any] | None
) -> DayFigures:
    of_day, of_night, of_whole = day.statistics(), night.statistics(), whole.statistics()
    if told and told["valid_seconds"] > of_whole.valid:
        levels = {name: told[name] for name in LEVELS}
        valid = told["valid_seconds"]
        of_whole = of_whole._replace(**levels, valid=valid, rate=valid / DAY)
        of_day = of_day._replace(LAeq=told["Ld"])
        of_night = of_night._replace(LAeq=told["Ln"])
        return DayFigures(t, of_whole, of_day, of_night, told["Ldn"])
    return DayFigures(t, of_whole, of_day, of_night, day_night_level(of_day, of_night))


def week(hours: Iterable[HourSum], utc_offset: float) -> list[list[Cell]]:
    """[weekday, Monday first][hour]: every such hour together."""
    return week_of_clock(hours, _fixed(utc_offset))


def week_of_clock(hours: Iterable[HourSum], east: East) -> list[list[Cell]]:
    """As `week`."""
    periods: dict[tuple[int, int], list[bytes]] = {}
    for hour in hours:
        day, second = divmod(hour.t + east(hour.t), DAY)
        # 1970 began on a Thursday
        periods.setdefault(((day + 3) % 7, second // HOUR), []).append(hour.period)
    return [
        [
            Cell(*hour_sums.level(of_it), HOUR * len(of_it))
            for of_it in (periods.get((weekday, hour), []) for hour in range(24))
        ]
        for weekday in range(7)
    ]


def change(before: Sequence[Statistics], after: Sequence[Statistics]) -> Change:
    """By the LAeq of each day, or of each night, of which enough is known."""
    sides = [_side(before), _side(after)]
    difference = uncertain = None
    old, new = sides
    if old.mean is not None and new.mean is not None:
        difference = new.mean - old.mean
    if old.spread is not None and new.spread is not None:
        variance = old.spread**2 / old.days + new.spread**2 / new.days
        uncertain = 2 * math.sqrt(variance)
    return Change(old, new, difference, uncertain)


def _side(parts: Sequence[Statistics]) -> Side:
    levels = [part.LAeq / 10 for part in parts if part.rate >= ENOUGH and part.LAeq != MISSING]
    n = len(levels)
    if not n:
        return Side(0, None, None)
    mean = sum(levels) / n
    if n == 1:
        return Side(1, mean, None)
    return Side(n, mean, math.sqrt(sum((level - mean) ** 2 for level in levels) / (n - 1)))
