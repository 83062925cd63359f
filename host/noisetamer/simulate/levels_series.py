"""Trace lines as arrays for each unit, reduced to what a picture can show."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from noisetamer.simulate.trace import is_second
from noisetamer.square.ground_truth import WorldEventKind
from tamer.record.events import STAGES
from tamer.record.reading import REASONS

MOST_UNITS = 6  # in one picture

# Some columns for each that a picture has: theirs then fall together.
_MOST_COLUMNS = 9600
_MOST_STRETCHES = 10_000


class Column(NamedTuple):
    """Valid seconds that follow one another: LAeq in dB, its energy re 0 dB summed up."""

    low: float
    high: float
    energy: float
    seconds: int


class Levels:
    """LAeq of a run of any length: columns of equal time, wider with the run.

    columns: by their time // `wide`, s; those without a valid second are not there.
    """

    def __init__(self) -> None:
        self.wide = 1
        self.columns: dict[int, Column] = {}

    def add(self, t: int, LAeq: float) -> None:
        """Take in a valid second."""
        self.join(t // self.wide, Column(LAeq, LAeq, 10 ** (LAeq / 10), 1))
        while len(self.columns) > _MOST_COLUMNS:
            narrow, self.columns = self.columns, {}
            self.wide *= 2
            for place, column in narrow.items():
                self.join(place // 2, column)

    def join(self, place: int, more: Column) -> None:
        """Add to a column."""
        there = self.columns.get(place)
        if there:
            low, high = min(there.low, more.low), max(there.high, more.high)
            more = Column(low, high, there.energy + more.energy, there.seconds + more.seconds)
        self.columns[place] = more


@dataclass
class Stretches:
    """(value, begin, end) of each stretch of equal values without a hole, end excluded, s.

    Where they become too many to be seen, those of a moment stand together by their values: each
    value keeps its seconds.
    """

    value: array = field(default_factory=lambda: array("d"))
    begin: array = field(default_factory=lambda: array("q"))
    end: array = field(default_factory=lambda: array("q"))
    moment: int = 1  # s

    def add(self, value: float, t: int) -> None:
        """Of the next second."""
        self._append(value, t, t + 1)
        while len(self.value) > _MOST_STRETCHES:
            whole = max(self.end) - min(self.begin)
            self.moment = max(2 * self.moment, 2 * whole // _MOST_STRETCHES)
            self._gather()

    def _append(self, value: float, begin: int, end: int) -> None:
        if self.value and self.end[-1] == begin:
            last = self.value[-1]
            # NaN differs from itself, so compare where it is NaN as well.
            if last == value or (last != last and value != value):
                self.end[-1] = end
                return
        self.value.append(value)
        self.begin.append(begin)
        self.end.append(end)

    def _gather(self) -> None:
        moments: dict[int, tuple[int, dict[float | None, int]]] = {}
        for value, begin, end in self:
            while begin < end:
                place = begin // self.moment
                until = min(end, (place + 1) * self.moment)
                _, seconds = moments.setdefault(place, (begin, {}))
                known = None if value != value else value
                seconds[known] = seconds.get(known, 0) + until - begin
                begin = until
        self.value, self.begin, self.end = array("d"), array("q"), array("q")
        for begin, seconds in moments.values():
            for value, lasts in seconds.items():
                self._append(np.nan if value is None else value, begin, begin + lasts)
                begin += lasts

    def __iter__(self) -> Iterator[tuple[float, int, int]]:
        return zip(self.value, self.begin, self.end, strict=True)


@dataclass
class Series:
    """One unit's run, and what was said and done in between.

    Times are in Unix seconds, levels in dB (NaN = no value), `stage` and `reason` are places in
    STAGES and REASONS.
    """

    unit: str
    t0: int
    at0: datetime  # local
    seconds: int = 0  # how many
    first: int = 0
    last: int = 0
    latest: int = 0  # the last by its place in the trace: a clock may go back
    levels: Levels = field(default_factory=Levels)
    limit: Stretches = field(default_factory=Stretches)
    stage: Stretches = field(default_factory=Stretches)
    reason: Stretches = field(default_factory=Stretches)
    warnings: list[float] = field(default_factory=list)
    complies: list[float] = field(default_factory=list)
    relapses: list[float] = field(default_factory=list)
    hand_overs: list[tuple[float, str]] = field(default_factory=list)  # when, to whom

    @classmethod
    def begun(cls, line: dict[str, Any]) -> Self:
        """Of a unit, from the first line of its trace on, which is not taken in yet."""
        return cls(line["unit"], line["t"], datetime.fromisoformat(line["at"]))

    def add(self, line: dict[str, Any]) -> None:
        """Take in one line of this unit's trace, in order of time."""
        if is_second(line):
            reason = 0 if line["valid"] else REASONS.index(line["reason"])
            limit, t = line.get("limit"), line["t"]
            self.first = min(self.first, t) if self.seconds else t
            self.last = max(self.last, t)
            self.latest = t
            self.seconds += 1
            if line["valid"]:
                self.levels.add(t, line["LAeq"])
            self.limit.add(np.nan if limit is None else limit, t)
            self.stage.add(STAGES.index(line["stage"]), t)
            self.reason.add(reason, t)
        elif line.get("event") == "warning":
            self.warnings.append(line["t"])
        elif line.get("event") == "hand-over":
            self.hand_overs.append((line["t"], line["to"]))
        elif line.get("world") == WorldEventKind.COMPLY:
            self.complies.append(line["t"])
        elif line.get("world") == WorldEventKind.RELAPSE:
            self.relapses.append(line["t"])


@dataclass(frozen=True)
class Envelope:
    """LAeq in columns of equal time: lowest, energy mean, highest; NaN where nothing is valid."""

    t: NDArray[np.floating]
    low: NDArray[np.floating]
    mean: NDArray[np.floating]
    high: NDArray[np.floating]


def collect(lines: Iterable[dict[str, Any]], most: int) -> tuple[list[Series], int]:
    """The first `most` units in the order of their first line, and how many were left out."""
    found: dict[str, Series] = {}
    left_out: set[str] = set()
    for line in lines:
        unit = line["unit"]
        if unit not in found:
            if len(found) >= most:
                left_out.add(unit)
                continue
            found[unit] = Series.begun(line)
        found[unit].add(line)
    return list(found.values()), len(left_out)


def envelope(series: Series, columns: int) -> Envelope:
    """Reduce a run's LAeq to at most `columns` columns; a short run keeps each second."""
    if not series.seconds:
        nothing = np.empty(0)
        return Envelope(nothing, nothing, nothing, nothing)
    narrow = series.levels.wide
    first = series.first // narrow * narrow
    wide = narrow * max(1, -(-(series.last - first + 1) // (columns * narrow)))
    count = (series.last - first) // wide + 1
    low, mean, high = (np.full(count, np.nan) for _ in range(3))
    shown = Levels()
    for place, column in series.levels.columns.items():
        shown.join((place * narrow - first) // wide, column)
    for place, column in shown.columns.items():
        low[place], high[place] = column.low, column.high
        mean[place] = 10 * np.log10(column.energy / column.seconds)
    return Envelope(first + wide * (np.arange(count) + 0.5), low, mean, high)


def visible(stretches: Iterable[tuple[float, float]], least: float) -> list[list[float]]:
    """[begin, end] stretches made at least `least` long, then joined where they touch."""
    joined: list[list[float]] = []
    for begin, end in sorted(stretches):
        end = max(end, begin + least)
        if joined and begin <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([begin, end])
    return joined


def bunches(times: Iterable[float], reach: float) -> list[tuple[float, int]]:
    """(time of the first, how many) of marks that would overlap, at least `reach` s apart."""
    found: list[tuple[float, int]] = []
    for t in sorted(times):
        if found and t - found[-1][0] < reach:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((t, 1))
    return found
