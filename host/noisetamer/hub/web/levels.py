"""Levels of a unit over days, weeks and months as data, and their figures in words."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, HTTPException, Response

from noisetamer.hub.live import UnitState
from noisetamer.hub.store import figures
from noisetamer.hub.store.figures import Change, DayFigures, Side, Together
from noisetamer.hub.store.hour_sums import HOUR, HourSum
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.series import Series, minutes
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.timeline import clock, level_text, midnight
from noisetamer.hub.web.units import State
from noisetamer.hub.words.i18n import Texts
from tamer.record.reading import MISSING
from tamer.record.statistics import Statistics

LONGEST_DAYS = 400
# of minutes: a month of them is 43,200
LONGEST_MINUTES_DAYS = 40
# before and after a date, each
COMPARED_DAYS = 28

router = APIRouter()


class Span:
    """Whole days of the local clock, from `first` on. Raises HTTPException, 422."""

    def __init__(self, hub: Hub, first: date, days: int = 1) -> None:
        if not (1 <= days <= LONGEST_DAYS and 1970 < first.year < 2100):
            raise HTTPException(422, f"1 to {LONGEST_DAYS} days.")
        self.days = days
        self.since = midnight(first, hub.utc_offset)
        self.until = self.since + days * DAY


Asked = Annotated[Span, Depends()]


def _series(hub: Context, state: UnitState, since: int, until: int) -> Series:
    return hub.levels.series([state.unit.id, *state.unit.replaced], since, until)


@router.api_route("/levels/{id}/minutes", methods=READ)
def of_minutes(id: str, state: State, hub: Hub, span: Asked) -> Response:
    """A minute each: LAeq and LAFmax in 0.1 dB (null where no second is valid), seconds that are
    valid; own_voice: minutes in which the box spoke; limit: (t, 0.1 dB); pending: hours that are
    being summed up yet, ask again.
    """
    if span.days > LONGEST_MINUTES_DAYS:
        raise HTTPException(422, f"1 to {LONGEST_MINUTES_DAYS} days of minutes.")
    found = _series(hub, state, span.since, span.until)
    answer: dict[str, Any] = {"t0": span.since, "step": 60, "LAeq": [], "LAFmax": [], "valid": []}
    spoken: list[int] = []
    if found.hours:
        answer["t0"], of = minutes(found.hours)
        answer["LAeq"] = _levels(of["LAeq"].tolist())
        answer["LAFmax"] = _levels(of["LAFmax"].tolist())
        answer["valid"] = of["valid"].tolist()
        spoken = np.flatnonzero(of["own_voice"]).tolist()
    return _json({**answer, "own_voice": spoken, **_besides(hub, found, span)})


@router.api_route("/levels/{id}/hours", methods=READ)
def of_hours(id: str, state: State, hub: Hub, span: Asked) -> Response:
    """An hour each, as `of_minutes`, with L10, L50 and L90."""
    found = _series(hub, state, span.since, span.until)
    answer: dict[str, Any] = {"t0": span.since, "step": HOUR}
    by_time = {one.t: one.hour for one in found.hours}
    first = min(by_time, default=span.since)
    last = max(by_time, default=first - HOUR)
    hours = [by_time.get(t) for t in range(first, last + 1, HOUR)]
    for name in ("LAeq", "LAFmax", "L10", "L50", "L90"):
        answer[name] = _levels(getattr(hour, name) if hour else MISSING for hour in hours)
    answer["valid"] = [hour.valid if hour else 0 for hour in hours]
    spoken = {one.t for one in found.hours if one.minutes["own_voice"].any()}
    answer["own_voice"] = [(t - first) // HOUR for t in sorted(spoken)]
    return _json({**answer, "t0": first, **_besides(hub, found, span)})


@router.api_route("/levels/{id}/figures", methods=READ)
def of_span(id: str, state: State, hub: Hub, span: Asked) -> Response:
    """Figures of the whole span, of each of its days, and of the hours of the week, in words."""
    found = _series(hub, state, span.since, span.until)
    days, together = figures.days(found.hours, hub.utc_offset, found.days)
    ends = min(span.until, found.hours[-1].t + HOUR) if found.hours else span.until
    return _json(
        {
            "whole": _whole(days, together, max(1, ends - span.since)),
            "days": [_day(day, hub.utc_offset) for day in reversed(days)],
            "week": _week(found.hours, hub.utc_offset),
            "pending": found.pending,
        }
    )


@router.api_route("/levels/{id}/change", methods=READ)
def before_and_after(
    id: str, state: State, hub: Hub, language: Language, at: date
) -> dict[str, Any]:
    """The four weeks before a day, and those from it on: by day and by night, with what may be
    said of it.
    """
    middle = midnight(at, hub.utc_offset)
    reach = COMPARED_DAYS * DAY
    found = _series(hub, state, middle - reach, middle + reach)
    days, _ = figures.days(found.hours, hub.utc_offset, found.days)
    texts = hub.texts[language]
    rows = []
    for part in ("day", "night"):
        before = [getattr(one, part) for one in days if one.t < middle]
        after = [getattr(one, part) for one in days if one.t >= middle]
        change = figures.change(before, after)
        rows.append(
            {
                "part": texts[f"change_{part}"],
                "before": _side(change.before, texts),
                "after": _side(change.after, texts),
                "says": says(change, texts),
            }
        )
    return {"rows": rows, "pending": found.pending}


def says(change: Change, texts: Texts) -> str:
    """What may be said of it, and no more."""
    if change.difference is None:
        missing = "change_no_before" if not change.before.days else "change_no_after"
        return texts[missing]
    amount = f"{abs(change.difference):.1f}"
    if change.uncertain is None:
        return texts["change_few"].format(difference=f"{change.difference:+.1f}")
    if abs(change.difference) <= max(change.uncertain, 0.05):
        return texts["change_none"].format(
            difference=f"{change.difference:+.1f}", uncertain=f"{change.uncertain:.1f}"
        )
    key = "change_quieter" if change.difference < 0 else "change_louder"
    return texts[key].format(difference=amount, uncertain=f"{change.uncertain:.1f}")


def _side(side: Side, texts: Texts) -> str:
    if side.mean is None:
        return texts["change_days_none"]
    return texts["change_days"].format(mean=f"{side.mean:.1f}", days=side.days)


def _whole(days: list[DayFigures], together: Together, seconds: int) -> dict[str, str]:
    """seconds: from the beginning to the end of what is known, whatever is missing within."""
    valid = sum(day.whole.valid for day in days)
    return {
        **_told(together.whole),
        "Ld": level_text(together.day.LAeq),
        "Ln": level_text(together.night.LAeq),
        "coverage": _per_cent(valid / seconds),
    }


def _day(day: DayFigures, utc_offset: float) -> dict[str, str]:
    return {
        "date": f"{clock(day.t, utc_offset):%Y-%m-%d}",
        **_told(day.whole),
        "Ld": level_text(day.day.LAeq),
        "Ln": level_text(day.night.LAeq),
        "Ldn": level_text(day.Ldn),
        "coverage": _per_cent(day.whole.valid / DAY),
    }


def _told(of: Statistics) -> dict[str, str]:
    names = ("LAeq", "L10", "L50", "L90", "LAFmax")
    return {name: level_text(getattr(of, name)) for name in names}


def _week(hours: list[HourSum], utc_offset: float) -> list[list[dict[str, Any]]]:
    return [
        [
            {
                "LAeq": None if cell.LAeq == MISSING else cell.LAeq,
                "coverage": _per_cent(cell.valid / cell.seconds) if cell.seconds else "",
            }
            for cell in day
        ]
        for day in figures.week(hours, utc_offset)
    ]


def _besides(hub: Context, found: Series, span: Span) -> dict[str, Any]:
    return {
        "limit": found.limits,
        "since": span.since,
        "until": span.until,
        "utc_offset": hub.utc_offset,
        "pending": found.pending,
    }


def _levels(found: Iterable[int]) -> list[int | None]:
    return [None if level == MISSING else level for level in found]


def _per_cent(part: float) -> str:
    # never 100 % of what is not whole, never 0 % of what is there
    shown = round(100 * part)
    if part < 1:
        shown = min(shown, 99)
    return f"{max(shown, 1) if part > 0 else 0} %"


def _json(data: object) -> Response:
    # as it is: a month of minutes need not be looked through
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Response(text, media_type="application/json")
