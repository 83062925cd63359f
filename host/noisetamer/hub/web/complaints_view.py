"""Complaints of a square with what its boxes heard, in words."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from noisetamer.hub.around import Around
from noisetamer.hub.complaints.beside_levels import Beside, BlindSpot, loudest
from noisetamer.hub.complaints.heard import heard
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.web import public_view
from noisetamer.hub.web.context import Context
from noisetamer.hub.web.decides_by import policy_of
from noisetamer.hub.web.timeline import decibels, level_text, to_the_minute
from noisetamer.hub.words.i18n import Texts
from tamer.judge.rules import ruling
from tamer.record.reading import MISSING

MOST = 1000
"""Complaints that are looked at; of more, the newest."""


def beside(hub: Context, around: Around, square: str, since: int, until: int) -> list[Beside]:
    """Complaints of since <= at < until, the oldest first; blocks."""
    found = around.complaints.between(since, until, square)[-MOST:]
    now = public_view.now()
    units = {
        state.unit.id: (
            [state.unit.id, *state.unit.replaced],
            public_view.time_of(state, now),
            ruled(hub, square, state.unit.id),
        )
        for state in hub.live.states.values()
        if square_of(state.unit) == square
    }
    spans = incidents(hub, square, since, until)
    told = []
    for one in found:
        of = [units[one.unit]] if one.unit in units else list(units.values())
        then = loudest(
            heard(hub.queries, hub.levels, ids, one.at, its_now, limit)
            for ids, its_now, limit in of
        )
        told.append(Beside(one, then, any(a <= one.at <= b for a, b in spans)))
    return told


def ruled(hub: Context, square: str, unit: str) -> Callable[[int], int | None]:
    """The limit at a time by the policy that a unit decides by now, 0.1 dB; None where this hub
    does not have its text; blocks."""
    policy = policy_of(hub, square, unit)
    return lambda t: ruling(policy, t).limit if policy else None


def incidents(hub: Context, square: str, since: int, until: int) -> list[tuple[int, int]]:
    """(begin, end) of what was too loud, Unix s by the boxes' clocks; blocks."""
    found = hub.incidents.list(square, kinds=("noise",), since=since, most=2000)
    return [
        (int(one.begin), int(one.end if one.end is not None else until))
        for one in reversed(found)
        if one.begin is not None and one.begin < until
    ]


def hours(hub: Context, square: str, since: int, until: int) -> list[tuple[int, int]]:
    """(begin, LAeq in 0.1 dB) of each hour of the square's loudest box; blocks."""
    levels: dict[int, int] = {}
    for state in hub.live.states.values():
        if square_of(state.unit) != square:
            continue
        series = hub.levels.series([state.unit.id, *state.unit.replaced], since, until)
        for one in series.hours:
            if one.hour.LAeq != MISSING:
                levels[one.t] = max(levels.get(one.t, one.hour.LAeq), one.hour.LAeq)
    return sorted(levels.items())


def row(one: Beside, hub: Context, texts: Texts, forgotten: bool) -> dict[str, Any]:
    """Of the table."""
    complaint, then = one.complaint, one.heard
    if then is None or then.level is None:
        reason = texts.get(f"reason_{then.reason if then else 'not received'}", "")
        level = texts["complaints_not_heard"].format(reason=reason)
    else:
        level = texts["complaints_heard"].format(
            level=level_text(then.level),
            limit=decibels(then.limit) if then.limit is not None else "--",
        )
    return {
        "id": complaint.id,
        "at": to_the_minute(complaint.at, hub.utc_offset),
        "source": texts[f"complaints_source_{complaint.source}"],
        "side": complaint.side,
        "place": complaint.place,
        "text": complaint.text,
        "level": level,
        "over": then.over if then else None,
        "incident": one.incident,
        "coverage": round(100 * then.coverage) if then else 0,
        "forgotten": forgotten,
        "forgettable": bool(complaint.place or complaint.text or complaint.number),
    }


def spot_words(spot: BlindSpot, texts: Texts) -> dict[str, str]:
    """A blind spot, and what to do."""
    share = spot.share
    return {
        "said": texts["complaints_blind"].format(
            side=texts["complaints_of_side"].format(side=spot.side)
            if spot.side
            else texts["complaints_no_side"],
            count=spot.count,
            below=spot.below,
            level=level_text(spot.level),
            low=level_text(spot.low),
            high=level_text(spot.high),
        ),
        "sure": texts["complaints_blind_sure"].format(
            share=_percent(share.value),
            low=_percent(share.low),
            high=_percent(share.high),
            without=spot.without,
        ),
        "do": texts["complaints_blind_do" if spot.side else "complaints_blind_do_sides"],
    }


def _percent(value: float | None) -> str:
    return "--" if value is None else f"{100 * value:.0f}"


def address_of(square: str) -> str:
    """Of the page of its complaints."""
    return f"/complaints/of/{quote(square, safe='')}"
