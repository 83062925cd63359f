"""Reads what stood around the square that month: permits, rounds, complaints, questions."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from noisetamer.hub.around import around_of
from noisetamer.hub.complaints.beside_levels import Beside, BlindSpot, blind_spots, loudest
from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.complaints.heard import Heard, heard
from noisetamer.hub.intervals.before_after import before_after
from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.month_report import beside
from noisetamer.hub.month_report.box import Minutes
from noisetamer.hub.month_report.month import Month
from noisetamer.hub.permits.hours import begins_on
from noisetamer.hub.permits.permit import Permit
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.series import Levels
from tamer.judge.policy import Policy
from tamer.judge.rules import ruling

_DAY = 86_400
# as the page of complaints looks back
_BLIND_SPOT_DAYS = 84
_MOST_COMPLAINTS = 1000


def fields(
    data: Path,
    month: Month,
    until: int,
    now: float,
    square: str,
    split: date,
    open_day: date | None,
    boxes: Sequence[Minutes],
    queries: Queries,
    units: Sequence[Unit],
    known: Mapping[str, Policy],
) -> dict[str, Any]:
    """Those of MonthFacts that are of what stands around the square. split, open_day: as of
    `Asked`; now: Unix s; known: {first digits of its hash: a policy}."""
    east = month.local(month.since).utcoffset() or timedelta()
    with closing(around_of(data, east.total_seconds() / 3600)) as around:
        calendar = around.permits.calendar(square)

        def begins(permit: Permit, day: date) -> bool:
            return begins_on(permit, calendar, day)

        permits = around.permits.permits(square)
        lately = until - _BLIND_SPOT_DAYS * _DAY
        return {
            "blind_spots": _blind_spots(
                around.complaints.between(lately, until, square)[-_MOST_COMPLAINTS:],
                *(until, queries, units, known),
            ),
            "pacts": beside.pacts(
                *(month, until, boxes, around.permits.groups(square)),
                [around.permits.history(one.id) for one in permits],
                begins,
            ),
            "rounds": beside.rounds(
                around.patrols.walked(square, calendar, month.days[0], month.days[-1]),
                *(around.patrols.points(square, gone=True), now),
            ),
            "complaints": beside.complaints(
                *(month, until, around.complaints.between(0, until, square)),
                *(split, _change),
            ),
            "open_day": beside.open_day(month, around.open_day.questions(square), open_day),
        }


def _blind_spots(
    found: Sequence[Complaint],
    until: int,
    queries: Queries,
    units: Sequence[Unit],
    known: Mapping[str, Policy],
) -> tuple[BlindSpot, ...]:
    """Each complaint with what the loudest box heard then."""
    levels = Levels(queries.file)
    boxes = []
    for unit in units:
        told = queries.policy(unit.id)
        in_force = known.get(told[0]) if told else None
        boxes.append(([unit.id, *unit.replaced], in_force))

    def then(ids: Sequence[str], in_force: Policy | None, at: int) -> Heard:
        limit = (lambda t: ruling(in_force, t).limit) if in_force else (lambda t: None)
        return heard(queries, levels, ids, at, until, limit)

    beside_them = [
        Beside(one, loudest(then(ids, in_force, one.at) for ids, in_force in boxes))
        for one in found
    ]
    return tuple(blind_spots(beside_them))


def _change(before: Sequence[int], after: Sequence[int], begins: date) -> tuple[Interval, str]:
    found = before_after(before, after, begins)
    return found.ratio, found.season
