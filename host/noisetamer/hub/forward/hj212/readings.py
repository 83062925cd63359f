"""Levels of a unit for HJ 212 that are no facts: its newest second, and periods of other lengths
or of the past. Blocks.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from noisetamer.hub.forward.facts import LEVELS
from noisetamer.hub.store import figures, minutes
from noisetamer.hub.store.minutes import NOT_RECEIVED
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.periods import summed_up
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.series import Levels
from tamer.record.reading import MISSING
from tamer.record.statistics import Statistics

NEWEST_WITHIN = 90
"""s: an older second is not how loud it is now."""


@dataclass(frozen=True)
class Reading:
    """One period, or one second, from Unix time t on, of so many s. levels: 0.1 dB, by our names,
    without those not known; valid: s; reasons: {why the others do not count: s}."""

    t: int
    seconds: int
    levels: dict[str, int]
    valid: int
    reasons: dict[str, int]

    @property
    def coverage(self) -> float:
        return self.valid / self.seconds


@dataclass(frozen=True)
class Day:
    """A calendar day of the site. whole: with Ldn; by_day, by_night: levels of its parts."""

    whole: Reading
    by_day: dict[str, int]
    by_night: dict[str, int]


class Readings:
    """Of the hub in `data`."""

    def __init__(self, data: Path) -> None:
        self._file = data / "hub.sqlite"
        self._queries: Queries | None = None

    def newest_second(self, unit: str, now: float) -> Reading | None:
        """None where none is new."""
        begin = int(now) - NEWEST_WITHIN
        columns = self._store().columns(unit, begin, NEWEST_WITHIN + 10)
        received = [i for i, flags in enumerate(columns[-1].tolist()) if flags != NOT_RECEIVED]
        if not received:
            return None
        i = received[-1]
        level, flags = int(columns[0, i]), int(columns[-1, i])
        why = minutes.reason(flags)
        levels = {} if why or level == MISSING else {"LAeq": level}
        return Reading(begin + i, 1, levels, 0 if why else 1, {why: 1} if why else {})

    def period(self, unit: str, begin: int, seconds: int) -> Reading | None:
        """None where nothing of it was received."""
        columns = self._store().columns(unit, begin, seconds)
        found = summed_up(begin, columns)
        if found is None:
            return None
        return Reading(begin, seconds, _known(found), found.valid, _reasons(columns[-1]))

    def day(self, unit: str, begin: int, utc_offset: float) -> Day | None:
        """The day from Unix time `begin` on, midnight by a clock that leads UTC by utc_offset h;
        None where nothing of it is there."""
        series = Levels(self._file).series([unit], begin, begin + DAY)
        days, _ = figures.days(series.hours, utc_offset, series.days)
        if not days:
            return None
        day = days[0]
        levels = _known(day.whole)
        if day.Ldn != MISSING:
            levels["Ldn"] = day.Ldn
        flags = self._store().columns(unit, begin, DAY)[-1]
        whole = Reading(begin, DAY, levels, day.whole.valid, _reasons(flags))
        return Day(whole, _known(day.day), _known(day.night))

    def _store(self) -> Queries:
        if self._queries is None:
            self._queries = Queries(self._file)
        return self._queries


def _known(found: Statistics) -> dict[str, int]:
    levels = {name: getattr(found, name, MISSING) for name in LEVELS}
    return {name: level for name, level in levels.items() if level != MISSING}


def _reasons(flags: npt.NDArray[np.int32]) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for flag, count in zip(*(one.tolist() for one in np.unique_counts(flags)), strict=True):
        if why := minutes.reason(flag):
            reasons[why] = reasons.get(why, 0) + count
    return reasons
