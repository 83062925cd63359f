"""What stood around the square that month: pacts, rounds, complaints, questions. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.month_report.box import Minutes, span_level
from noisetamer.hub.month_report.facts import BeforeAfter, Complaints, OpenDay, Pact, Rounds
from noisetamer.hub.month_report.month import Month
from noisetamer.hub.open_day.open_day import next_open_day
from noisetamer.hub.open_day.question import Question
from noisetamer.hub.patrols.check_in import Point
from noisetamer.hub.patrols.coverage import Walk, summed, total
from noisetamer.hub.permits.permit import Group, Permit

BeginsOn = Callable[[Permit, date], bool]
"""Whether a session of it begins on a day."""

Change = Callable[[Sequence[int], Sequence[int], date], tuple[Interval, str]]
"""(counts of each day before, and after, the first day of after) as (ratio, season), both as of
`intervals.before_after`."""


class _Terms(NamedTuple):
    group: int
    place: str
    days: tuple[str, ...]
    since: int
    until: int
    limit: int


def pacts(
    month: Month,
    until: int,
    boxes: Sequence[Minutes],
    groups: Iterable[Group],
    permits: Iterable[Sequence[Permit]],
    begins_on: BeginsOn,
) -> tuple[Pact, ...]:
    """Of every permit that was in force on a day of the month, as it was then. permits: of each,
    how it was asked for, and as it stood after each decision. A session is as loud as at the box
    that heard it loudest."""
    names = {one.id: one.name for one in groups}
    found: dict[_Terms, list[int | None]] = {}
    for versions in permits:
        for day in month.days:
            one = _in_force(month, versions, day)
            if one is None or not begins_on(one, day):
                continue
            begin, end = session(month, day, one.since, one.until)
            if end > until:
                break
            levels = [span_level(month, box, begin, end)[0] for box in boxes]
            heard = max((level for level in levels if level is not None), default=None)
            terms = _Terms(one.group, one.place, one.days, one.since, one.until, one.limit)
            found.setdefault(terms, []).append(heard)
    return tuple(
        sorted(
            (_pact(names, terms, sessions) for terms, sessions in found.items()),
            key=lambda one: (one.since, one.until, one.place, one.group),
        )
    )


def _in_force(month: Month, versions: Sequence[Permit], day: date) -> Permit | None:
    """Of a permit what held when that day's session began."""
    found = None
    for one in versions:
        if one.at <= session(month, day, one.since, one.until)[0]:
            found = one
    return found if found and found.state == "approved" else None


def _pact(names: dict[int, str], of: _Terms, sessions: Sequence[int | None]) -> Pact:
    levels = [level for level in sessions if level is not None]
    kept = sum(level <= of.limit for level in levels)
    return Pact(
        names.get(of.group, ""),
        *of[1:],
        kept=kept,
        broken=len(levels) - kept,
        unknown=len(sessions) - len(levels),
        loudest=max(levels, default=None),
    )


def session(month: Month, day: date, since: int, until: int) -> tuple[int, int]:
    """Begin and end of hours of a day, Unix s; those that end before they begin, on the next."""
    end = until if until > since else until + 1440
    return month.at(day, since), month.at(day, end)


def rounds(walked: Iterable[Walk], points: Iterable[Point], now: float) -> tuple[Rounds, ...]:
    """Of every round that was due, as far as it is over. walked: of the month, in their order."""
    names = {one.id: one.name for one in points}
    by_round: dict[int, list[Walk]] = {}
    for one in walked:
        by_round.setdefault(one.round.id, []).append(one)
    found = []
    for of in by_round.values():
        sums = summed(of, now)
        every = total(sums.values())
        missed = Counter[str]()
        for id, one in sums.items():
            missed[names.get(id, "?")] += one.missed
        rows = sorted((+missed).items(), key=lambda it: (-it[1], it[0]))
        done = every.visited + every.late
        found.append(Rounds(of[0].round.name, every.due, done, every.weak, tuple(rows)))
    return tuple(one for one in found if one.due)


def complaints(
    month: Month,
    until: int,
    all_of_them: Sequence[Complaint],
    split: date,
    change: Change,
) -> Complaints:
    """all_of_them: of the square, up to `until`; split: the first day of "after"."""
    here = [one for one in all_of_them if month.since <= one.at < until]
    return Complaints(
        count=len(here),
        known_since=min((month.local(one.at).date() for one in all_of_them), default=None),
        sources=dict(sorted(Counter(one.source for one in here).items())),
        change=_change(month, until, all_of_them, split, change),
    )


def _change(
    month: Month, until: int, found: Sequence[Complaint], split: date, change: Change
) -> BeforeAfter | None:
    """From the day of the first complaint that is known: of days before it nobody knows whether
    complaints were kept."""
    counts = Counter(month.local(one.at).date() for one in found if one.at < until)
    if not counts:
        return None
    first, last = min(counts), month.local(until - 1).date()
    if not first < split <= last:
        return None
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    before = [counts[day] for day in days if day < split]
    after = [counts[day] for day in days if day >= split]
    return BeforeAfter(
        split,
        sum(before),
        len(before),
        sum(after),
        len(after),
        *change(before, after, split),
    )


def open_day(month: Month, questions: Iterable[Question], next_one: date | None) -> OpenDay:
    """The last one before the report's: questions raised on it, and older ones that were open
    when it was."""
    day = next_one or next_open_day(month.after)
    known = [one for one in questions if one.raised < day]
    held = max((one.raised for one in known), default=None)
    told = [
        one
        for one in known
        if held and (one.raised == held or one.done is None or one.done >= held)
    ]
    return OpenDay(held, tuple(sorted(told, key=lambda one: (one.raised, one.id))), day)
