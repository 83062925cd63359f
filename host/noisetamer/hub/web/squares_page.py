"""The first page, which says how all squares stand, and the page of each square.

A hub with one square, and whoever may see one only, has that square's page as the first: a list
of one line would hide what there is to see.
"""

import asyncio
import time
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, HTTPException, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from noisetamer.hub.people.audit import By
from noisetamer.hub.people.roles import Account
from noisetamer.hub.squares import plan
from noisetamer.hub.squares.plan import PictureError
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.web.allowed import Asks, Who, may, require
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.events import audience_of, view
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.timeline import clock
from noisetamer.hub.web.view_model import address_of
from noisetamer.hub.web.views import OPEN_CARDS, CardsView, SquaresView
from tamer.record.reading import is_dated

router = APIRouter()

# The plan of all squares has no square's name.
TOWN = ""
# A picture and what a form needs besides.
MOST_UPLOAD = plan.MOST_BYTES + 100_000

MayChange = Annotated[Account, Depends(may("squares.change"))]


@router.api_route("/", methods=READ, response_class=HTMLResponse)
async def first(request: Request, hub: Hub, language: Language, account: Asks) -> HTMLResponse:
    """All squares, the worst first; of one square, its own page."""
    names = [name for name in hub.square_names() if account.may("see", name)]
    if len(names) <= 1:
        return await _square(request, hub, language, account, names[0] if names else None)
    squares = view(hub, audience_of(account, "squares", language, None))
    assert isinstance(squares, SquaresView)
    rows = squares.rows()
    return page(
        "squares.html",
        request,
        hub,
        language,
        account,
        troubles=squares.in_trouble,
        rows=rows,
        step_in={row.id: _step_in(account, row.id) for row in rows},
        few=len(rows) <= OPEN_CARDS,
        summary=squares.summary,
        unreached=await _unreached(hub, account),
        stream="/events?of=squares",
        plan=await _plan(hub, TOWN, account, [(row.id, row.title, row.look) for row in rows]),
    )


@router.api_route("/squares/{name:path}", methods=READ, response_class=HTMLResponse)
async def square(
    name: str, request: Request, hub: Hub, language: Language, account: Asks
) -> HTMLResponse:
    """One square: its boxes as they are, and what was before."""
    if name not in hub.square_names() or not account.may("see", name):
        raise HTTPException(404, "No such square.")
    return await _square(request, hub, language, account, name)


async def _square(
    request: Request, hub: Context, language: str, account: Account, name: str | None
) -> HTMLResponse:
    """name: None where there is none at all."""
    shown = view(hub, audience_of(account, "cards", language, name))
    assert isinstance(shown, CardsView)
    cards = shown.cards()
    plan = None
    if name is not None:
        marks = [(told.card.id, told.card.title, told.card.look) for told in cards]
        plan = await _plan(hub, name, account, marks)
    return page(
        "square.html",
        request,
        hub,
        language,
        account,
        troubles=shown.in_trouble,
        square=name,
        own_page=request.url.path != "/",
        cards=cards,
        today={told.card.id: _today(hub, told.card.id) for told in cards},
        summary=shown.summary,
        simulated={id for id, state in hub.live.states.items() if state.unit.simulated},
        few=len(cards) <= OPEN_CARDS,
        incident=hub.going_on.of(name or "", hub.texts[language]),
        unreached=await _unreached(hub, account),
        stream=f"/events?square={quote(name or '', safe='')}" if name else "/events",
        ways=_ways(account, name) if name else [],
        may_examine=name is not None and account.may("examine", name),
        plan=plan,
    )


async def _unreached(hub: Context, account: Account) -> bool:
    """Whether a new hub's administrator has yet to give somebody a contact. In a simulated
    square nobody waits for a call."""
    states = hub.live.states.values()
    if not account.may("people") or (states and all(one.unit.simulated for one in states)):
        return False
    return not await asyncio.to_thread(hub.people.contacts.everybody)


def _today(hub: Context, unit: str) -> str:
    """The day it is for a unit: a simulated one lives at its own time."""
    last = hub.live.states[unit].last
    at = last if last is not None and is_dated(last) else int(time.time())
    return f"{clock(at, hub.utc_offset):%Y-%m-%d}"


def _step_in(account: Account, name: str) -> str:
    """The address of the page by which the account reaches into a square; "" where it may not."""
    orders = ("say", "speak", "spotlight", "mute", "volume")
    may = any(account.may(order, name) for order in orders)
    return f"/step-in/{quote(name, safe='')}" if may else ""


def _ways(account: Account, name: str) -> list[tuple[str, str]]:
    """(address, key of its words) of the pages of one square that the account may open."""
    here = quote(name, safe="")
    step_in = _step_in(account, name)
    pages = (
        ("policy.see", f"/policy/{here}", "to_policy"),
        ("complaints", f"/complaints/of/{here}", "to_complaints"),
        ("public", f"/public/{here}", "to_public"),
        ("evidence", f"/month-report/{here}", "month_report_make"),
    )
    found = [(address, key) for may, address, key in pages if account.may(may, name)]
    return [(step_in, "to_step_in"), *found] if step_in else found


async def _plan(
    hub: Context, name: str, account: Account, marks: list[tuple[str, str, str]]
) -> dict[str, Any]:
    """What a template needs of a plan. marks: (id, name, look) of what stands on it."""
    kept_as = _kept_as(name, account)
    since = (await asyncio.to_thread(hub.squares.plans)).get(kept_as)
    layout = await asyncio.to_thread(hub.squares.setting, kept_as, "layout") or {}
    places = layout.get("places", {})
    found = []
    for n, (id, title, look) in enumerate(marks):
        # what has no place yet stands in a row below
        x, y = places.get(id, (0.06 + 0.88 * n / max(1, len(marks) - 1), 0.94))
        address = address_of(id) if name == TOWN else f"#unit-{id}"
        found.append({"id": id, "title": title, "look": look, "address": address, "x": x, "y": y})
    whole_town = name != TOWN or account.whole
    return {
        "picture": f"/plans/{quote(name, safe='')}?{int(since)}" if since is not None else "",
        "address": f"/plans/{quote(name, safe='')}",
        "layout": f"/layouts/{quote(name, safe='')}",
        "marks": found,
        "may_change": whole_town and account.may("squares.change", name or None),
    }


@router.api_route("/plans/{name:path}", methods=READ)
async def picture(name: str, hub: Hub, account: Asks) -> Response:
    """The picture that a square, or the town, is shown on."""
    if name != TOWN:
        require(account, "see", name)
    found = await asyncio.to_thread(hub.squares.plan, _kept_as(name, account))
    if found is None:
        raise HTTPException(404, "No such picture.")
    # its address has the time of its upload in it
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return Response(found, media_type=plan.media_type(found), headers=headers)


@router.post("/plans/{name:path}")
async def upload(
    name: str,
    picture: UploadFile,
    hub: Hub,
    language: Language,
    account: MayChange,
    who: Who,
) -> Response:
    """Another picture; an empty one: none any more."""
    _may_change(hub, account, name)
    uploaded = await picture.read(MOST_UPLOAD)
    try:
        drawn = await asyncio.to_thread(plan.drawn_anew, uploaded) if uploaded else None
    except PictureError as error:
        words = hub.texts[language][f"plan_{error.key}"].format(**error.fields)
        raise HTTPException(422, words) from None
    what = "plan" if drawn else "plan-removed"
    await asyncio.to_thread(_audit, hub, who, what, name, {"bytes": len(drawn or b"")})
    kept_as = _kept_as(name, account)
    await asyncio.to_thread(hub.squares.put_plan, kept_as, drawn, who.name, time.time())
    return RedirectResponse(address_of(name) if name else "/", 303)


class Layout(BaseModel):
    """Where things stand: {id: (x, y)}, both from 0 to 1, of the picture's width and height."""

    places: dict[str, tuple[float, float]] = Field(max_length=5000)


@router.post("/layouts/{name:path}")
async def arrange(
    name: str, layout: Layout, hub: Hub, account: MayChange, who: Who
) -> dict[str, int]:
    """Keep where things stand."""
    _may_change(hub, account, name)
    units = [state.unit for state in hub.live.states.values()]
    known = [u.id for u in units if square_of(u) == name]
    if name == TOWN:
        known = [one for one in hub.square_names() if account.may("see", one)]
    places = {
        id: [round(min(1.0, max(0.0, at)), 4) for at in place]
        for id, place in layout.places.items()
        if id in known and all(at == at for at in place)
    }
    body = {"places": places}
    await asyncio.to_thread(_audit, hub, who, "layout", name, {"places": len(places)})
    kept_as, now = _kept_as(name, account), time.time()
    version = await asyncio.to_thread(hub.squares.put, kept_as, "layout", body, who.name, now)
    return {"version": version}


def _kept_as(name: str, account: Account) -> str:
    """A district has a picture of its own for the town's. No name of a square holds a line."""
    if name == TOWN and account.district:
        return f"{TOWN}\ndistrict {account.district.id}"
    return name


def _may_change(hub: Context, account: Account, name: str) -> None:
    """Raises HTTPException: 403; 404 where there is no such square."""
    if name == TOWN:
        if not account.whole:
            raise HTTPException(403, "not allowed")
        return
    require(account, "squares.change", name)
    hub.must_be(name)


def _audit(hub: Context, who: By, what: str, square: str, detail: dict[str, Any]) -> None:
    """Before it is done: what nobody can write down is not done."""
    hub.people.audit(time.time(), who.name, what, square, detail=detail, ip=who.ip)
