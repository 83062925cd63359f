"""A permit's terms as a form has them, and as pages show them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Form

from noisetamer.hub.around import Around
from noisetamer.hub.permits import venues
from noisetamer.hub.permits.conflicts import Conflict, conflicts
from noisetamer.hub.permits.hours import spans, text_of_minute
from noisetamer.hub.permits.permit import (
    Group,
    Permit,
    PermitError,
    check_dates,
    check_group,
    check_terms,
)
from noisetamer.hub.phones.permit_news import days as in_words
from noisetamer.hub.web import permit_week
from noisetamer.hub.web.timeline import to_the_minute
from noisetamer.hub.words.i18n import Texts
from noisetamer.unit.policy.days import local_day
from tamer.judge import readers
from tamer.judge.calendar import DAYS
from tamer.judge.rules import ruling

_LASTS = datetime.timedelta(90)
_USUAL_LIMIT = 650


@dataclass(frozen=True)
class Fields:
    """Of both forms; since, until: "19:00"; limit: dB, "" for what the policy says then."""

    place: Annotated[str, Form(max_length=200)] = ""
    since: Annotated[str, Form(max_length=5)] = ""
    until: Annotated[str, Form(max_length=5)] = ""
    first: Annotated[str, Form(max_length=10)] = ""
    last: Annotated[str, Form(max_length=10)] = ""
    limit: Annotated[str, Form(max_length=6)] = ""
    days: Annotated[list[str] | None, Form()] = None

    def permit(self, square: str, around: Around, at: float) -> Permit:
        """What they say. at: Unix s. Raises PermitError for hours or dates that are none."""
        try:
            since, until = readers.time_of_day(self.since), readers.time_of_day(self.until)
            first, last = date.fromisoformat(self.first), date.fromisoformat(self.last)
        except ValueError:
            raise PermitError(
                "permit_no_hours", "Hours are written 19:00, dates 2026-11-24."
            ) from None
        check_dates(first, last)  # before they are gone through day by day
        named = tuple(day for day in DAYS if day in (self.days or ()))
        days = () if set(DAYS[:7]) <= set(named) else named
        asked = Permit(0, 0, square, self.place, days, since, until or 1440, first, last, 0)
        try:
            limit = round(10 * float(self.limit)) if self.limit else usual(asked, around, at)
        except (ValueError, OverflowError):
            raise PermitError("permit_no_limit", "A limit is a number of dB.") from None
        return Permit(*(0, 0, square, self.place, days, since, until or 1440, first, last, limit))


def usual(asked: Permit, around: Around, at: float) -> int:
    """The limit that the square's policy has when it would begin, 0.1 dB."""
    policy = around.policies.policy(asked.square)
    if policy is None:
        return _USUAL_LIMIT
    calendar = around.permits.calendar(asked.square)
    begins = next(iter(spans(asked, calendar, asked.first, asked.last)), (int(at), 0))[0]
    return ruling(policy, begins).limit


def blank(around: Around, square: str, at: float) -> Fields:
    """What most groups ask for. at: Unix s."""
    tomorrow = local_day(around.permits.calendar(square), at) + datetime.timedelta(1)
    return Fields("", "19:00", "20:30", str(tomorrow), str(tomorrow + _LASTS), "", list(DAYS[:7]))


def check(permit: Permit, group: Group) -> None:
    """Raises PermitError for what cannot be asked for."""
    check_group(group)
    check_terms(permit)


def fields_of(permit: Permit) -> Fields:
    """A permit as the form has it."""
    since, until = text_of_minute(permit.since), text_of_minute(permit.until % 1440)
    days = list(permit.days or DAYS[:7])
    limit = f"{permit.limit / 10:g}"
    return Fields(permit.place, since, until, str(permit.first), str(permit.last), limit, days)


def pacts_of(around: Around, square: str) -> list[tuple[Group, Permit]]:
    """Every permit of a square with its group; blocks."""
    groups = {group.id: group for group in around.permits.groups(square)}
    return [(groups[permit.group], permit) for permit in around.permits.permits(square)]


def pacts_in_force(around: Around, square: str, at: float) -> list[tuple[Group, Permit]]:
    """Those whose rules are to stand in the policy at a Unix time; blocks."""
    today = local_day(around.permits.calendar(square), at)
    return venues.in_force(pacts_of(around, square), today)


def against(
    asked: Permit, around: Around, at: float, texts: Texts, utc_offset: float
) -> dict[str, Any]:
    """What a page shows of what speaks against it: sentences, and the week as a drawing; blocks.
    at: Unix s, now."""
    square = asked.square
    others = pacts_of(around, square)
    calendar, policy = around.permits.calendar(square), around.policies.policy(square)
    today = local_day(calendar, at)
    found = conflicts(asked, others, calendar, policy)
    return {
        "conflicts": [_said(one, texts, utc_offset) for one in found],
        "week": permit_week.week(asked, others, calendar, policy, today, texts),
        "most_minutes": permit_week.MINUTES,
    }


def _said(one: Conflict, texts: Texts, utc_offset: float) -> tuple[str, str]:
    """(how grave: a look, the sentence)."""
    look = {"place": "red", "closed": "red", "quiet": "amber", "limit": "amber"}.get(
        one.kind, "unknown"
    )
    key = f"permit_conflict_{one.kind}" + ("_waiting" if one.waiting else "")
    return look, texts[key].format(
        name=one.name,
        times=one.times,
        at=to_the_minute(one.at, utc_offset),
        limit=f"{one.limit / 10:g}",
    )


def told(permit: Permit, texts: Texts) -> Sequence[tuple[str, str]]:
    """Its terms, each with its name."""
    return (
        (texts["permit_place"], permit.place),
        (texts["permit_days"], in_words(permit.days, texts)),
        (
            texts["permit_hours"],
            f"{text_of_minute(permit.since)}–{text_of_minute(permit.until)}",
        ),
        (texts["permit_dates"], f"{permit.first} – {permit.last}"),
        (texts["permit_limit"], f"{permit.limit / 10:g} dB"),
    )
