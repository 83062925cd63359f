"""The values an `[expect]` table may carry.

As in `quantity`, every reader raises ValueError with the end of a sentence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from noisetamer.square import quantity
from noisetamer.square.table import nearest
from tamer.record.events import STAGES
from tamer.record.reading import REASONS

_STAGES_TEXT = ", ".join(STAGES)


def stage(raw: object) -> str:
    """One stage's name."""
    if raw not in STAGES:
        raise ValueError(f"is {raw!r}, but a stage is one of {_STAGES_TEXT}")
    return str(raw)


def stages(raw: object) -> list[str]:
    """A list of at least one stage."""
    if not isinstance(raw, list) or not raw:
        raise ValueError(f'must be a list of stages like ["green", "red"], of {_STAGES_TEXT}')
    return [stage(name) for name in raw]


def names(raw: object) -> list[str]:
    """A list of at least one group's name."""
    if not isinstance(raw, list) or not raw or not all(isinstance(name, str) for name in raw):
        raise ValueError('must be a list of groups like ["east"]')
    return raw


def counts(raw: object) -> tuple[int, int]:
    """[least, most], both whole and at least 0."""
    least, most = _pair(raw, _count, "must be [least, most] in whole numbers, like [1, 3]")
    if least > most:
        raise ValueError(f"must be [least, most], but {least} is more than {most}")
    return least, most


def counts_by_reason(raw: object) -> dict[str, tuple[int, int]]:
    """{reason: [least, most]} of the reasons why a second is invalid."""
    if not isinstance(raw, dict) or not raw:
        raise ValueError("must be a table of reasons, like { wind = [60, 120], gap = [0, 0] }")
    for reason in raw:
        if reason not in REASONS[1:]:
            raise ValueError(f"has the unknown reason {reason}{nearest(reason, REASONS[1:])}")
    return {reason: counts(value) for reason, value in raw.items()}


def levels(raw: object) -> tuple[float, float]:
    """["low dB", "high dB"]."""
    low, high = _pair(raw, level, 'must be two levels, like ["50 dB", "75 dB"]')
    if low > high:
        raise ValueError(f"must give the lower level first, but {low:g} dB is above {high:g} dB")
    return low, high


def level(raw: object) -> float:
    """A level in dB re 20 µPa, from "65 dB"."""
    dB = quantity.level(raw)
    if not -20 <= dB <= 180:
        raise ValueError(f'"{raw}" is impossible here: give -20 to 180 dB')
    return dB


def share(raw: object) -> float:
    """A share from 0 to 1."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 <= raw <= 1:
        raise ValueError(f"is {raw!r}, but a share lies between 0 and 1, like 0.95")
    return float(raw)


@dataclass(frozen=True)
class Moment:
    """A local time of day, or a time after the start of the run."""

    text: str
    clock: bool
    offset: timedelta  # from midnight, or from the start


def moments(raw: object) -> tuple[Moment, Moment]:
    """Two local times ("19:12", "19:12:30") or two time spans after the start ("12m")."""
    usage = 'must be two local times, like ["19:12", "19:20"], or two spans after the start'
    first, last = _pair(raw, _moment, usage)
    if first.clock != last.clock:
        raise ValueError(usage + ", not one of each")
    if not first.clock and first.offset > last.offset:
        raise ValueError(f"must give the earlier first, but {first.text} is after {last.text}")
    return first, last


def window(first: Moment, last: Moment, start: datetime) -> tuple[datetime, datetime]:
    """The window two `moments` name in a run that began at `start` (local).

    Clock times mean the first window that has not ended before the run begins, so that a run
    over midnight needs no dates.
    """
    if not first.clock:
        return start + first.offset, start + last.offset
    day = timedelta(days=1)
    end = start.replace(hour=0, minute=0, second=0, microsecond=0) + last.offset
    if end < start:
        end += day
    return end - (last.offset - first.offset) % day, end


def span(time: timedelta) -> str:
    """A time span as a scenario has it: "3m12s"."""
    minutes, seconds = divmod(round(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def clock(at: datetime, begin: datetime) -> str:
    """A local time of day; with its date where that is not the day of the run's begin."""
    return at.strftime("%H:%M:%S" if at.date() == begin.date() else "%Y-%m-%d %H:%M:%S")


def _moment(raw: object) -> Moment:
    clock = quantity.looks_like_clock(raw)
    seconds = quantity.clock(raw) if clock else quantity.duration(raw)
    return Moment(str(raw), clock, timedelta(seconds=seconds))


def _count(raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 0:
        raise ValueError(f"has {raw!r}, but counts are whole numbers of 0 or more")
    return raw


def _pair(raw: object, read: Callable[[object], Any], usage: str) -> tuple[Any, Any]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise ValueError(usage)
    return read(raw[0]), read(raw[1])
