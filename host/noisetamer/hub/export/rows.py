"""The rows of an export: every second, or sums over minutes or hours, unit after unit.

A second that does not count has its reason and no levels. Nothing is left out: between the first
and the last second of a unit that are asked for, one that nobody reported is a row as well, "not
received". The store is read a day at a time: a long export keeps neither memory nor the store.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from noisetamer.base.zones import offset_text
from noisetamer.hub.export.local_time import LocalTime
from noisetamer.hub.store import minutes
from noisetamer.hub.store.minutes import Columns
from noisetamer.hub.store.periods import summed_up, told_better
from noisetamer.hub.store.queries import Queries
from tamer.record.reading import MISSING

_WHEN = ("time", "utc_offset", "unit")
_LEVELS = ("LAeq", "LAFmax", "LCeq", "LCpeak")
_SUMS = ("LAeq", "LCeq", "LAFmax", "LAmin", "LCpeak", "L5", "L10", "L50", "L90", "L95")

COLUMNS = {
    "1s": (*_WHEN, *_LEVELS, "valid", "reason"),
    "1min": (*_WHEN, *_SUMS, "valid_seconds", "seconds", "coverage", "reason"),
    "1h": (*_WHEN, *_SUMS, "valid_seconds", "seconds", "coverage", "reason", "summed_up_by"),
}
"""Names of the columns by how long a row is. time: local, of its beginning; levels in dB, of
valid seconds only; LN: exceeded in N % of them; coverage: valid_seconds of seconds; reason: why a
second does not count, of a period why most of those that do not; summed_up_by: the box where it
knows more of the hour than the hub has seconds of."""

Row = tuple[Any, ...]
"""As COLUMNS says: datetime without zone, text, float or None, bool, int."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Asked:
    """What to export. since <= t < until, Unix time; every: a key of COLUMNS.

    Minutes and hours are whole ones, those that begin within.
    """

    since: int
    until: int
    every: str
    local: LocalTime


def stretch(queries: Queries, unit: str, asked: Asked) -> tuple[int, int] | None:
    """(first, last + 1) of the seconds that a unit's rows are of; None when it has none."""
    span = queries.span(unit)
    if span is None:
        return None
    begin, end = max(span[0], asked.since), min(span[1], asked.until)
    if begin >= end:
        return None
    if asked.every == "1s":
        return begin, end
    length = _MINUTE if asked.every == "1min" else _HOUR
    begin = _begin(begin, length, asked.local)
    if begin < asked.since:
        begin = _end(begin, length, asked.local)
    end = _end(_begin(end - 1, length, asked.local), length, asked.local)
    return (begin, end) if begin < end else None


def rows(queries: Queries, unit: str, asked: Asked) -> Iterator[Row]:
    """Of one unit, oldest first."""
    span = stretch(queries, unit, asked)
    if span is None:
        return
    make: Callable[[int, Columns], Iterator[Row]]
    if asked.every == "1s":
        make = _Seconds(unit, asked.local).rows
    elif asked.every == "1min":
        make = _Periods(unit, asked.local, _MINUTE, {}).rows
    else:
        make = _Periods(unit, asked.local, _HOUR, queries.told_hours(unit, *span)).rows
    begin, end = span
    while begin < end:
        # At a full local hour, so that no period is cut.
        upto = min(end, _begin(begin + _DAY, _HOUR, asked.local))
        yield from make(begin, queries.columns(unit, begin, upto - begin))
        begin = upto


def _begin(t: int, length: int, local: LocalTime) -> int:
    """Of the local minute or hour that t is in; an hour may begin where the clock changes."""
    offset = local.offset(t)
    begin = t - (t + offset) % length
    while local.offset(begin) != offset:
        begin += _MINUTE
    return begin


def _end(begin: int, length: int, local: LocalTime) -> int:
    offset = local.offset(begin)
    end = begin + length - (begin + offset) % length
    while end - begin > _MINUTE and local.offset(end - _MINUTE) != offset:
        end -= _MINUTE
    return end


def _local(t: int, offset: int) -> datetime:
    return _EPOCH + timedelta(seconds=t + offset)


class _Seconds:
    def __init__(self, unit: str, local: LocalTime) -> None:
        self._unit = unit
        self._local = local
        self._ahead = [timedelta(seconds=i) for i in range(_MINUTE)]

    def rows(self, start: int, columns: Columns) -> Iterator[Row]:
        levels = [_decibels(row) for row in columns[:-1]]
        why = [minutes.reason(flags) for flags in columns[-1].tolist()]
        n = columns.shape[1]
        at = 0
        while at < n:
            first = (start + at) % _MINUTE
            offset = self._local.offset(start + at)
            minute, zone = _local(start + at - first, offset), offset_text(offset)
            for second in range(first, min(_MINUTE, first + n - at)):
                time, reason = minute + self._ahead[second], why[at]
                if reason:
                    yield time, zone, self._unit, None, None, None, None, False, reason
                else:
                    A, F, C, peak = levels
                    yield time, zone, self._unit, A[at], F[at], C[at], peak[at], True, ""
                at += 1


class _Periods:
    """told: fields of the box's own events, by when the period began."""

    def __init__(
        self, unit: str, local: LocalTime, length: int, told: dict[int, list[dict[str, Any]]]
    ) -> None:
        self._unit = unit
        self._local = local
        self._length = length
        self._told = told

    def rows(self, start: int, columns: Columns) -> Iterator[Row]:
        end = start + columns.shape[1]
        while start < end:
            upto = _end(start, self._length, self._local)
            yield self._row(start, columns[:, : upto - start])
            columns = columns[:, upto - start :]
            start = upto

    def _row(self, t: int, columns: Columns) -> Row:
        offset = self._local.offset(t)
        when = (_local(t, offset), offset_text(offset), self._unit)
        seconds = columns.shape[1]
        told = told_better(columns, self._told.get(t, ()))
        found = None if told else summed_up(t, columns)
        if told:
            valid, levels = told["valid_seconds"], [told[name] for name in _SUMS]
        elif found:
            valid, levels = found.valid, [getattr(found, name) for name in _SUMS]
        else:
            valid, levels = 0, [MISSING] * len(_SUMS)
        reason = "" if valid >= seconds else _most(columns)
        counted = (valid, seconds, round(valid / seconds, 4), reason)
        by = ("box" if told else "hub",) if self._length == _HOUR else ()
        return *when, *_decibels(np.array(levels)), *counted, *by


def _most(columns: Columns) -> str:
    """Why most of the seconds that do not count do not."""
    flags = columns[-1]
    why = Counter(minutes.reason(one) for one in flags[flags & 0x0F != 0].tolist())
    return why.most_common(1)[0][0] if why else ""


def _decibels(tenths: Any) -> list[float | None]:
    return [None if level == MISSING else level / 10 for level in tenths.tolist()]
