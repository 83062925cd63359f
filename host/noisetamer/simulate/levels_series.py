"""Trace lines as arrays for each unit, reduced to what a picture can show."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noisetamer.simulate.trace import is_second
from noisetamer.square.ground_truth import WorldEventKind
from tamer.record.events import STAGES
from tamer.record.reading import REASONS


@dataclass
class Series:
    """One unit's run: a value a second, and what was said and done in between.

    `t` is in Unix seconds, levels in dB (NaN = no value), `stage` and `reason` are places in
    STAGES and REASONS.
    """

    unit: str
    t0: int
    at0: datetime  # local
    t: array = field(default_factory=lambda: array("q"))
    LAeq: array = field(default_factory=lambda: array("d"))
    limit: array = field(default_factory=lambda: array("d"))
    stage: array = field(default_factory=lambda: array("b"))
    reason: array = field(default_factory=lambda: array("b"))
    warnings: list[float] = field(default_factory=list)
    complies: list[float] = field(default_factory=list)
    relapses: list[float] = field(default_factory=list)
    hand_overs: list[tuple[float, str]] = field(default_factory=list)  # when, to whom

    def add(self, line: dict[str, Any]) -> None:
        """Take in one line of this unit's trace, in order of time."""
        if is_second(line):
            reason = 0 if line["valid"] else REASONS.index(line["reason"])
            limit = line.get("limit")
            self.t.append(line["t"])
            self.LAeq.append(line["LAeq"] if line["valid"] else np.nan)
            self.limit.append(np.nan if limit is None else limit)
            self.stage.append(STAGES.index(line["stage"]))
            self.reason.append(reason)
        elif line.get("event") == "warning":
            self.warnings.append(line["t"])
        elif line.get("event") == "hand-over":
            self.hand_overs.append((line["t"], line["to"]))
        elif line.get("world") == WorldEventKind.COMPLY:
            self.complies.append(line["t"])
        elif line.get("world") == WorldEventKind.RELAPSE:
            self.relapses.append(line["t"])


def collect(lines: Iterable[dict[str, Any]], most: int) -> tuple[list[Series], int]:
    """The first `most` units in the order of their first line, and how many were left out."""
    series: dict[str, Series] = {}
    left_out = set()
    for line in lines:
        unit = line["unit"]
        if unit not in series:
            if len(series) >= most:
                left_out.add(unit)
                continue
            series[unit] = Series(unit, line["t"], datetime.fromisoformat(line["at"]))
        series[unit].add(line)
    return list(series.values()), len(left_out)


def spans(values: array, t: array) -> Iterator[tuple[float, int, int]]:
    """Yield (value, begin, end) of each stretch of equal values without a hole, end excluded."""
    value, when = np.asarray(values), np.asarray(t)
    if not len(value):
        return
    # NaN differs from itself, so compare where it is NaN as well.
    same = (value[1:] == value[:-1]) | ((value[1:] != value[1:]) & (value[:-1] != value[:-1]))
    cuts = np.flatnonzero(~same | (np.diff(when) != 1)) + 1
    begins = np.concatenate(([0], cuts))
    ends = np.concatenate((cuts, [len(value)])) - 1
    for begin, end in zip(begins, ends, strict=True):
        yield value[begin].item(), int(when[begin]), int(when[end]) + 1


@dataclass(frozen=True)
class Envelope:
    """LAeq in columns of equal time: lowest, energy mean, highest; NaN where nothing is valid."""

    t: NDArray[np.floating]
    low: NDArray[np.floating]
    mean: NDArray[np.floating]
    high: NDArray[np.floating]


def envelope(series: Series, columns: int) -> Envelope:
    """Reduce a run's LAeq to at most `columns` columns; a short run keeps each second."""
    t, level = np.asarray(series.t), np.asarray(series.LAeq)
    if not len(t):
        nothing = np.empty(0)
        return Envelope(nothing, nothing, nothing, nothing)
    first, last = int(t[0]), int(t[-1])
    wide = max(1, -(-(last - first + 1) // columns))
    count = (last - first) // wide + 1
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    valid = ~np.isnan(level)
    column = (t[valid] - first) // wide
    np.minimum.at(low, column, level[valid])
    np.maximum.at(high, column, level[valid])
    seconds = np.bincount(column, minlength=count)
    energy = np.bincount(column, 10 ** (level[valid] / 10), minlength=count)
    silent = seconds == 0
    low[silent] = high[silent] = np.nan
    mean = np.full(count, np.nan)
    mean[~silent] = 10 * np.log10(energy[~silent] / seconds[~silent])
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
