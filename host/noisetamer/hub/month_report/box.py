"""One box over a month: from its seconds, hours and events to figures. Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from noisetamer.hub.evidence.facts import Facts, facts, over
from noisetamer.hub.evidence.records import Heard, Told
from noisetamer.hub.month_report import ruled, station
from noisetamer.hub.month_report.facts import (
    NOT_KEPT,
    NOT_THERE,
    Box,
    Cell,
    Day,
    Levels,
    Slot,
)
from noisetamer.hub.month_report.month import Month
from noisetamer.hub.store import figures, hour_sums, minutes
from noisetamer.hub.store.hour_sums import HOUR, HourSum
from noisetamer.hub.store.minutes import NOT_RECEIVED, Columns
from noisetamer.hub.store.queries import PastEvent
from tamer.judge.policy import Policy
from tamer.record.reading import MISSING
from tamer.record.statistics import day_night_level

EVENING = range(17 * 60, 23 * 60, 10)
"""Beginnings of the ten minutes of an evening, minutes after midnight."""
_SLOT = 10
# Less of ten minutes, or of a session, says nothing of it.
ENOUGH_HEARD = 0.75


@dataclass(frozen=True)
class Sources:
    """What a box is read from, of since <= t < until of the month. columns: of every second;
    hours, days: as of `Series`; events: all; first: of the box's first second ever, Unix s; stage:
    it was in when the month began, "" unknown; reference: since when its self-checks compare;
    known: {first digits of its hash: a policy of which the hub has the text}."""

    unit: str
    name: str
    simulated: bool
    columns: Columns
    hours: Sequence[HourSum]
    days: Mapping[int, dict[str, Any]]
    events: Sequence[PastEvent]
    first: int
    stage: str
    reference: int | None
    known: Mapping[str, Policy] = field(default_factory=dict)


@dataclass(frozen=True)
class Minutes:
    """Of the month, from its first on. LAeq: 0.1 dB, MISSING without a valid second; valid: how
    many seconds are."""

    LAeq: np.ndarray
    valid: np.ndarray


def whole_hours(month: Month, columns: Columns, known: Iterable[HourSum]) -> list[HourSum]:
    """The hours that are known, with those summed up here of which more is here than there."""
    found = {one.t: one for one in known}
    since = month.since
    received = columns[-1] != NOT_RECEIVED
    for begin in range(-since % HOUR, columns.shape[1], HOUR):
        t, part = since + begin, slice(begin, begin + HOUR)
        here = int(np.count_nonzero(received[part]))
        if here <= (found[t].received if t in found else 0):
            continue
        of_it = columns[:, part]
        if of_it.shape[1] < HOUR:
            missing = np.tile(minutes.empty(), 60)[:, : HOUR - of_it.shape[1]]
            of_it = np.concatenate([of_it, missing], axis=1)
        if one := hour_sums.summed(t, of_it):
            found[t] = one
    return [found[t] for t in sorted(found)]


def box(month: Month, until: int, sources: Sources) -> tuple[Box, Facts, Minutes]:
    """until: up to when, Unix s; the columns end there."""
    seconds = until - month.since
    hours = whole_hours(month, sources.columns, sources.hours)
    # of a day that was deleted the sums are left
    first = min([sources.first, *(one.t for one in hours if one.received)])
    per_hour, lost = _counted(month, sources.columns, first, hours)

    def east(t: int) -> int:
        offset = month.local(t).utcoffset()
        return round(offset.total_seconds()) if offset else 0

    of_minutes = _of_minutes(month, until, hours)
    by_day, together = figures.days_of_clock(hours, east, dict(sources.days))
    told = [
        Told(e.t, e.boot, e.seq, e.kind, e.fields, b"")
        for e in sources.events
        if month.since <= e.t < until
    ]
    heard = Heard(sources.unit, month.since, until, sources.columns, told)
    found = facts(heard, sources.stage)
    valid_by_day = _by_day(month, per_hour)
    told_by = _policies(told)
    limits = ruled.limits(month.since, until, told_by, sources.known)
    over_by_day = _over(month, heard, limits)
    spells = Counter(month.local(spell.since).date() for spell in found.spells)
    warnings = Counter(month.local(one.t).date() for one in found.warnings if not one.failed)
    days = []
    figures_of = {month.local(one.t).date(): one for one in by_day}
    for day in month.days:
        begin = month.midnight(day)
        if begin >= until:
            break
        length = min(until, month.midnight(day + timedelta(1))) - begin
        valid = valid_by_day[day]
        levels = _of_day(figures_of.get(day), length, valid)
        days.append(
            Day(
                day,
                levels,
                _level_of_evening(month, until, day, of_minutes),
                over_by_day.get(day) if limits else None,
                spells[day],
                warnings[day],
            )
        )
    valid = sum(day.levels.valid for day in days)
    return (
        Box(
            unit=sources.unit,
            name=sources.name,
            simulated=sources.simulated,
            whole=_whole(seconds, valid, days, together),
            lost=lost,
            days=tuple(days),
            week=tuple(
                tuple(Cell(_level(c.LAeq), c.valid, c.seconds) for c in row)
                for row in figures.week_of_clock(hours, east)
            ),
            evening=_evening(month, until, of_minutes, limits),
            limits=limits,
            policies=told_by,
            station=station.figures(
                month, (first, until), per_hour, sources.events, sources.reference
            ),
        ),
        found,
        of_minutes,
    )


def _counted(
    month: Month, columns: Columns, first: int, hours: Sequence[HourSum]
) -> tuple[np.ndarray, dict[str, int]]:
    """(valid seconds of each hour of UTC from the month's first second on, {reason: seconds})."""
    flags = columns[-1]
    codes = np.where(flags == NOT_RECEIVED, NOT_RECEIVED, flags & 0x0F)
    lost: Counter[str] = Counter()
    for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
        if code:
            lost[minutes.reason(int(code))] += int(count)
    missing = minutes.reason(NOT_RECEIVED)
    before = int(np.clip(first - month.since, 0, len(flags)))
    if before:
        lost[NOT_THERE] += before
        lost[missing] -= before
    starts = np.arange(0, len(flags), HOUR)
    valid = np.add.reduceat((codes == 0).astype(np.int64), starts) if len(flags) else starts
    for one in hours:
        # Where more is known than seconds are here: the box's own sum, or a deleted day's.
        place, rest = divmod(one.t - month.since, HOUR)
        if rest or not 0 <= place < len(valid):
            continue
        there = codes[place * HOUR : (place + 1) * HOUR]
        gone = int(np.count_nonzero(there == NOT_RECEIVED))
        more = min(gone, max(0, one.hour.valid - int(valid[place])))
        valid[place] += more
        here = len(there) - gone
        kept_not = min(gone - more, max(0, one.received - here - more))
        lost[missing] -= more + kept_not
        lost[NOT_KEPT] += kept_not
    return valid, {reason: count for reason, count in lost.most_common() if count > 0}


def _by_day(month: Month, valid: np.ndarray) -> Counter[date]:
    found: Counter[date] = Counter()
    for n, count in enumerate(valid.tolist()):
        found[month.local(month.since + n * HOUR).date()] += count
    return found


def _over(month: Month, heard: Heard, limits: Sequence[tuple[int, int]]) -> dict[date, int]:
    """Seconds that count and are louder than the limit that held for them."""
    if not limits:
        return {}
    loud = over(heard, limits)
    found = {}
    for day in month.days:
        begin = month.midnight(day) - month.since
        end = month.midnight(day + timedelta(1)) - month.since
        if begin < len(loud):
            found[day] = int(np.count_nonzero(loud[begin:end]))
    return found


def _of_day(one: figures.DayFigures | None, seconds: int, valid: int) -> Levels:
    if one is None or not valid:
        return Levels(seconds, valid, *[None] * 8)
    whole = one.whole
    return Levels(
        seconds,
        valid,
        *map(_level, (whole.LAeq, whole.L10, whole.L50, whole.L90, whole.LAFmax)),
        *map(_level, (one.day.LAeq, one.night.LAeq, one.Ldn)),
    )


def _whole(seconds: int, valid: int, days: Sequence[Day], of: figures.Together) -> Levels:
    if not valid:
        return Levels(seconds, 0, *[None] * 8)
    LAeq = (of.whole.LAeq, of.whole.L10, of.whole.L50, of.whole.L90, of.whole.LAFmax)
    by_day = figures.NIGHT_BEGINS - figures.DAY_BEGINS
    Ldn = day_night_level(of.day._replace(seconds=by_day), of.night._replace(seconds=24 - by_day))
    return Levels(
        seconds, valid, *map(_level, LAeq), *map(_level, (of.day.LAeq, of.night.LAeq, Ldn))
    )


def _level(level: int) -> int | None:
    return None if level == MISSING else level


def _of_minutes(month: Month, until: int, hours: Sequence[HourSum]) -> Minutes:
    count = -(-(until - month.since) // 60)
    LAeq = np.full(count, MISSING, np.int32)
    valid = np.zeros(count, np.int32)
    for one in hours:
        at = (one.t - month.since) // 60
        first, last = max(0, at), min(count, at + hour_sums.MINUTES)
        if first < last:
            LAeq[first:last] = one.minutes["LAeq"][first - at : last - at]
            valid[first:last] = one.minutes["valid"][first - at : last - at]
    return Minutes(LAeq, valid)


def span_level(month: Month, of: Minutes, since: int, until: int) -> tuple[int | None, int]:
    """(LAeq of the valid seconds of since <= t < until, whole minutes, in 0.1 dB, None where less
    than three quarters are valid; how many are)."""
    first = max(0, (since - month.since) // 60)
    part = slice(first, max(first, (until - month.since) // 60))
    valid = of.valid[part]
    count = int(valid.sum())
    if not count or count < ENOUGH_HEARD * (until - since):
        return None, count
    there = valid > 0
    energy = float((valid[there] * 10.0 ** (of.LAeq[part][there] / 100)).sum())
    return round(100 * float(np.log10(energy / count))), count


def _level_of_evening(month: Month, until: int, day: date, of: Minutes) -> int | None:
    begin, end = month.at(day, EVENING[0]), month.at(day, EVENING[-1] + _SLOT)
    return span_level(month, of, begin, end)[0] if end <= until else None


def _evening(
    month: Month, until: int, of: Minutes, limits: Sequence[tuple[int, int]]
) -> tuple[Slot, ...]:
    found = []
    for minute in EVENING:
        levels, held = [], Counter[int]()
        for day in month.days:
            begin = month.at(day, minute)
            if begin + 60 * _SLOT > until:
                break
            level, _ = span_level(month, of, begin, begin + 60 * _SLOT)
            if level is not None:
                levels.append(level)
            if limits:
                place = max(0, bisect_right(limits, begin, key=lambda one: one[0]) - 1)
                held[limits[place][1]] += 1
        limit = max(held, key=lambda one: (held[one], -one), default=None)
        low, middle, high = (
            (round(float(q)) for q in np.percentile(levels, (25, 50, 75)))
            if levels
            else (None, None, None)
        )
        found.append(Slot(minute, len(levels), low, middle, high, limit))
    return tuple(found)


def _policies(events: Sequence[Told]) -> tuple[tuple[int, str], ...]:
    """(since when it was told, first digits of its hash) of each in turn."""
    found: list[tuple[int, str]] = []
    for event in events:
        hash = event.fields.get("policy")
        if isinstance(hash, str) and (not found or found[-1][1] != hash):
            found.append((event.t, hash))
    return tuple(found)
