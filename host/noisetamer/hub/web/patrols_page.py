"""Rounds of a square: who came by where, what was missed; and its points and rounds."""

import asyncio
import time
from collections.abc import Callable
from datetime import date
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from noisetamer.hub.around import Around
from noisetamer.hub.patrols.check_in import PROOFS, Point, Round
from noisetamer.hub.patrols.patrols import PatrolError
from noisetamer.hub.patrols.proof import (
    DAY,
    MOST_WRONG_LATE_OF_GUARD,
    MOST_WRONG_OF_GUARD,
    chance,
)
from noisetamer.hub.patrols.sign import sign
from noisetamer.hub.people.roles import Account
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.web.allowed import Who, may, require
from noisetamer.hub.web.context import READ, Beside, Context, Hub, Language
from noisetamer.hub.web.patrol_view import month, view
from noisetamer.hub.web.reaching import for_phones
from noisetamer.hub.web.tables import csv_file
from noisetamer.hub.web.templates import page
from tamer.judge.calendar import DAYS

router = APIRouter()

Walks = Annotated[Account, Depends(may("patrol"))]
Manages = Annotated[Account, Depends(may("patrols"))]
Text = Annotated[str, Form(max_length=100)]

_WRONG_DAYS = 7
_CHANCE = tuple(
    f"{100 * one:.2f} %" for one in chance(MOST_WRONG_OF_GUARD, MOST_WRONG_LATE_OF_GUARD)
)
"""In words: that a guard who guesses all day has one taken, told at once and told late."""


@router.api_route("/patrols", methods=READ, response_class=HTMLResponse)
async def show(
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Walks,
    square: Annotated[str, Query(max_length=100)] = "",
    day: Annotated[date | None, Query()] = None,
) -> HTMLResponse:
    """A square's rounds on a day and over its month."""
    _is_known(day)
    return await _page(request, hub, around, language, account, square, day)


async def _page(
    request: Request,
    hub: Context,
    around: Around,
    language: str,
    account: Account,
    square: str,
    day: date | None = None,
    status: int = 200,
    fault: str = "",
) -> HTMLResponse:
    names = [name for name in hub.square_names() if account.may("patrol", name)]
    square = square or next(iter(names), "")
    if square and square not in names:
        raise HTTPException(404, "No such square.")
    manages = account.may("patrols", square)
    now = time.time()

    def look() -> dict[str, object]:
        if not square:
            return {}
        called = _called(hub) if manages else None
        wrong = around.patrols.wrong(now - _WRONG_DAYS * DAY, square) if manages else []
        return {
            "view": view(
                *(around.patrols, square, around.policies.calendar(square), day, now, called)
            ),
            "points": around.patrols.points(square),
            "rounds": around.patrols.rounds(square),
            "wrong": _counted([by for by, _ in wrong], called or {}),
            "picture": hub.squares.plans().get(square),
        }

    units = [one.unit for one in hub.live.states.values() if square_of(one.unit) == square]
    return page(
        "patrols.html",
        *(request, hub, language, account, status),
        square=square,
        squares=names,
        manages=manages,
        units=units,
        days=DAYS[:7],
        fault=fault,
        chance=_CHANCE,
        here=f"/patrols?{urlencode({'square': square})}",
        plan=f"/plans/{quote(square, safe='')}",
        **{"view": None, "points": [], "rounds": [], "wrong": [], "picture": None}
        | await asyncio.to_thread(look),
    )


@router.api_route("/patrols/table.csv", methods=READ)
async def table(
    hub: Hub,
    around: Beside,
    language: Language,
    account: Walks,
    square: Annotated[str, Query(max_length=100)],
    day: Annotated[date, Query()],
) -> Response:
    """Every point of every round of a month, as CSV."""
    hub.must_be(square)
    require(account, "patrol", square)
    _is_known(day)
    texts = hub.texts[language]

    def rows() -> list[list[object]]:
        named = {one.id: one.name for one in around.patrols.points(square, gone=True)}
        called = _called(hub) if account.may("patrols", square) else None
        calendar = around.policies.calendar(square)
        now = time.time()
        found: list[list[object]] = []
        for walk in around.patrols.walked(square, calendar, *month(day)):
            for id in walk.round.points:
                visit = walk.visits.get(id)
                by = called.get(visit.by, visit.by) if visit and called is not None else ""
                found.append(
                    [
                        *(walk.day, walk.round.name, named.get(id, "")),
                        texts[f"patrols_{walk.state(id, now)}"],
                        *(
                            (visit.at, visit.told, by, texts[f"patrol_proof_{visit.proof}"])
                            if visit
                            else ("", "", "", "")
                        ),
                    ]
                )
        return found

    heading = [texts[f"patrols_csv_{name}"] for name in _COLUMNS]
    return csv_file(f"patrols-{square}-{day:%Y-%m}.csv", heading, await asyncio.to_thread(rows))


_COLUMNS = ("day", "round", "point", "state", "at", "told", "by", "proof")


@router.post("/patrols/{square:path}/points")
async def add_point(
    square: str,
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Manages,
    who: Who,
    name: Text,
    kind: Text,
    unit: Text = "",
) -> Response:
    """One more place to come by. unit: of a panel."""
    _manages(hub, account, square)
    point = Point(0, square, name.strip(), kind, unit if kind == "panel" else "")
    known = {id for id, one in hub.live.states.items() if square_of(one.unit) == square}
    if kind == "panel" and unit not in known:
        raise HTTPException(404, "No such unit.")

    def add() -> None:
        if point.name and kind in PROOFS:
            _audit(hub, who, "patrol_point_added", square, {"point": point.name, "kind": kind})
        around.patrols.add_point(point)

    return await _done(add, request, hub, around, language, account, square)


@router.post("/patrols/{square:path}/points/{point:int}/remove")
async def remove_point(
    square: str, point: int, hub: Hub, around: Beside, account: Manages, who: Who
) -> Response:
    """Nobody comes by there any more."""
    found = await _point(hub, around, account, square, point)

    def remove() -> None:
        _audit(hub, who, "patrol_point_removed", square, {"point": found.name})
        around.patrols.remove_point(point)

    await asyncio.to_thread(remove)
    return _back(square)


@router.post("/patrols/{square:path}/points/{point:int}/screen")
async def screen(
    square: str, point: int, hub: Hub, around: Beside, account: Manages, who: Who
) -> Response:
    """A new link for the screen of a point; the one before is void."""
    found = await _point(hub, around, account, square, point)

    def renew() -> str:
        _audit(hub, who, "patrol_screen_link", square, {"point": found.name})
        around.patrols.renew_code_key(point)
        return around.patrols.code_key(point)

    key = await asyncio.to_thread(renew)
    fragment = urlencode({"key": key, "name": found.name})
    return RedirectResponse(f"/patrol/code/{point}#{fragment}", 303)


class Places(BaseModel):
    """Where points stand: {id: (x, y)}, both from 0 to 1, of the picture's width and height."""

    places: dict[int, tuple[float, float]] = Field(max_length=500)


@router.post("/patrols/{square:path}/layout")
async def layout(
    square: str, to: Places, hub: Hub, around: Beside, account: Manages, who: Who
) -> dict[str, bool]:
    """Put points on the plan."""
    _manages(hub, account, square)

    def put() -> None:
        here = {point.id for point in around.patrols.points(square)}
        _audit(hub, who, "patrol_layout", square, {"points": len(to.places)})
        for id, (x, y) in to.places.items():
            if id in here:
                around.patrols.place(id, min(1, max(0, x)), min(1, max(0, y)))

    await asyncio.to_thread(put)
    return {"kept": True}


@router.api_route("/patrols/{square:path}/points/{point:int}/sign.pdf", methods=READ)
async def sign_of(
    square: str,
    point: int,
    request: Request,
    hub: Hub,
    around: Beside,
    account: Manages,
) -> Response:
    """To print and hang up: the code that a guard scans."""
    found = await _point(hub, around, account, square, point)
    address = f"{for_phones(request, around.data)}/patrol/{point}"
    made = await asyncio.to_thread(sign, found, address)
    name = quote(f"{found.name}.pdf")
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{name}"}
    return Response(made, media_type="application/pdf", headers=headers)


@router.post("/patrols/{square:path}/rounds")
async def add_round(
    square: str,
    request: Request,
    hub: Hub,
    around: Beside,
    language: Language,
    account: Manages,
    who: Who,
    name: Text,
    since: Text,
    until: Text,
    points: Annotated[list[int] | None, Form()] = None,
    days: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Points to be visited in a time of day, from tomorrow on what is over today."""
    _manages(hub, account, square)
    chosen = tuple(one for one in DAYS[:7] if one in (days or ()))
    round = Round(
        *(0, square, name.strip(), tuple(points or ())),
        chosen if len(chosen) < 7 else (),
        *(_minutes(since), _minutes(until) or 1440),
    )

    def add() -> None:
        if round.name and round.points:
            _audit(hub, who, "patrol_round_added", square, {"round": round.name})
        around.patrols.add_round(round)

    return await _done(add, request, hub, around, language, account, square)


@router.post("/patrols/{square:path}/rounds/{round:int}/end")
async def end_round(
    square: str, round: int, hub: Hub, around: Beside, account: Manages, who: Who
) -> Response:
    """It is not walked any more."""
    _manages(hub, account, square)

    def end() -> None:
        found = [one for one in around.patrols.rounds(square) if one.id == round]
        for one in found:
            _audit(hub, who, "patrol_round_ended", square, {"round": one.name})
            around.patrols.end_round(one.id)

    await asyncio.to_thread(end)
    return _back(square)


async def _done(
    add: Callable[[], None],
    request: Request,
    hub: Context,
    around: Around,
    language: str,
    account: Account,
    square: str,
) -> Response:
    try:
        await asyncio.to_thread(add)
    except PatrolError as error:
        words = hub.texts[language][error.key]
        return await _page(
            request, hub, around, language, account, square, status=422, fault=words
        )
    return _back(square)


async def _point(hub: Context, around: Around, account: Account, square: str, id: int) -> Point:
    _manages(hub, account, square)
    found = await asyncio.to_thread(around.patrols.point, id)
    if found is None or found.square != square:
        raise HTTPException(404, "No such point.")
    return found


def _is_known(day: date | None) -> None:
    """Raises HTTPException: nobody has walked before, or will by this program."""
    if day and not 1971 < day.year < 2100:
        raise HTTPException(422, "No such day.")


def _manages(hub: Context, account: Account, square: str) -> None:
    hub.must_be(square)
    require(account, "patrols", square)


def _back(square: str) -> Response:
    return RedirectResponse(f"/patrols?{urlencode({'square': square})}", 303)


def _audit(hub: Context, who: Who, what: str, square: str, detail: dict[str, object]) -> None:
    hub.people.audit(time.time(), who.name, what, square, "", detail, who.ip)


def _called(hub: Context) -> dict[str, str]:
    accounts = [person.account for person in hub.people.accounts.all()]
    return {one.name: one.display or one.name for one in accounts}


def _counted(by: list[str], called: dict[str, str]) -> list[tuple[str, int]]:
    return [(called.get(one, one), by.count(one)) for one in dict.fromkeys(by)]


def _minutes(text: str) -> int:
    """Of "21:30"; -1 for what is no time."""
    hour, _, minute = text.partition(":")
    try:
        return int(hour) * 60 + int(minute)
    except ValueError:
        return -1
