"""A square's week as a drawing: what is asked for above, other groups below, quiet days. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from noisetamer.hub.permits import hours
from noisetamer.hub.permits.hours import text_of_minute
from noisetamer.hub.permits.permit import Group, Permit
from noisetamer.hub.words.i18n import Texts
from noisetamer.unit.policy.days import Calendar
from tamer.judge.policy import Policy

MINUTES = 1440
_DAYS = 7
# So many minutes a sign needs to stand in a bar.
_SIGN = 62
# Fewer of a name say nothing.
_FEWEST = 3


@dataclass(frozen=True)
class Bar:
    """begin, wide: minutes of the day; upper: it is what is asked for; look: "asked", "approved",
    "applied"; name: as much of the group's as has room; words: all of it."""

    begin: int
    wide: int
    upper: bool
    look: str
    name: str
    words: str


@dataclass(frozen=True)
class Day:
    """quiet: the name of the quiet day it is, "" for none."""

    weekday: str
    date: str
    quiet: str
    bars: list[Bar] = field(default_factory=list)


def week(
    asked: Permit | None,
    others: Sequence[tuple[Group, Permit]],
    calendar: Calendar,
    policy: Policy | None,
    today: date,
    texts: Texts,
) -> list[Day]:
    """The seven days from today, or from the first on which what is asked for holds. others:
    groups and permits of the square; those that were refused or revoked are not drawn."""
    first = max(today, asked.first) if asked else today
    days = [first + timedelta(ahead) for ahead in range(_DAYS)]
    found = {day: Day(*_named(day, texts), _quiet(policy, day)) for day in days}
    own = [(texts["permit_asked"], asked)] if asked else []
    for name, permit in own:
        _draw(found, name, permit, calendar, "asked")
    for group, permit in others:
        if permit.state in ("applied", "approved") and (not asked or permit.id != asked.id):
            _draw(found, group.name, permit, calendar, permit.state)
    return list(found.values())


def _draw(days: dict[date, Day], name: str, permit: Permit, calendar: Calendar, look: str) -> None:
    first, last = min(days), max(days)
    words = (
        f"{name}: {permit.place}, {text_of_minute(permit.since)}–{text_of_minute(permit.until)}"
    )
    over = permit.until < permit.since
    for day in (first - timedelta(1), *days):
        if not hours.begins_on(permit, calendar, day):
            continue
        parts = [(day, permit.since, MINUTES if over else permit.until)]
        if over:
            parts.append((day + timedelta(1), 0, permit.until))
        for on, begin, end in parts:
            if on in days and end > begin and first <= on <= last:
                room = (end - begin) // _SIGN
                short = name[:room] if room >= min(len(name), _FEWEST) else ""
                bar = Bar(begin, end - begin, look == "asked", look, short, words)
                days[on].bars.append(bar)


def _named(day: date, texts: Texts) -> tuple[str, str]:
    return texts[f"policy_weekday_{day.weekday()}"], f"{day:%m-%d}"


def _quiet(policy: Policy | None, day: date) -> str:
    number = (day - date(1970, 1, 1)).days
    found = (one.name for one in policy.quiet if one.first <= number <= one.last) if policy else ()
    return next(iter(found), "")
