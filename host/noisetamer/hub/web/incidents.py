"""The incidents: a list, and a page for each with its curve, its story and what people do."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from noisetamer.base.errors import UserError
from noisetamer.hub.incidents.incident import KINDS, LIVING, Incident
from noisetamer.hub.orders.ledger import Order
from noisetamer.hub.people.roles import Account
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.store.queries import Curve
from noisetamer.hub.web import order_words
from noisetamer.hub.web.allowed import Asks, Who, may, require
from noisetamer.hub.web.context import READ, Context, Hub, Id, Language
from noisetamer.hub.web.incident_news import Ear
from noisetamer.hub.web.incident_view import Covered, Words, limits, look, marks, people_named
from noisetamer.hub.web.packed import answer
from noisetamer.hub.web.picture_words import Shown, shown
from noisetamer.hub.web.signs_of_life import RECONNECT_MS
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.view_model import address_of
from noisetamer.hub.words.i18n import Texts
from tamer.record.reading import is_dated

A_PAGE = 40
OVER = ("resolved", "closed")
# of the curve, before and after
AROUND_SECONDS = 300
LONGEST_CURVE = 6 * 3600
ORDERS = 200
LONGEST_TEXT = 2000
SILENCES = (1, 4, 12, 24, 72, 168)
_MISSING = "No such incident."

router = APIRouter()

Answers = Annotated[Account, Depends(may("acknowledge"))]
Text = Annotated[str, Form(max_length=LONGEST_TEXT)]


async def _seen(id: Id, hub: Hub, account: Asks) -> Incident:
    """One that the account may see. In a dependency: a stream that has begun cannot refuse."""
    return await incident_for(hub, id, account)


async def _ear(hub: Hub, account: Asks) -> AsyncIterator[Ear]:
    """Of all incidents that the account sees, until the stream is over."""
    with hub.incident_news.listening(None, frozenset(), account.squares) as ear:
        yield _one_more(ear)


async def _ear_of_one(hub: Hub, found: Annotated[Incident, Depends(_seen)]) -> AsyncIterator[Ear]:
    with hub.incident_news.listening(found.id, frozenset(found.units)) as ear:
        yield _one_more(ear)


def _one_more(ear: Ear | None) -> Ear:
    if ear is None:
        raise HTTPException(503, "Too many open pages; close one and try again.")
    return ear


@router.api_route("/incidents", methods=READ, response_class=HTMLResponse)
async def incidents(
    request: Request,
    hub: Hub,
    language: Language,
    account: Asks,
    state: Literal["", "living", "over"] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    square: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
) -> HTMLResponse:
    """What goes on first, then what is over, page by page."""
    wanted: dict[str, Any] = {
        "square": square or None,
        "kinds": [kind] if kind in KINDS else None,
        "squares": account.squares,
    }
    living: list[Incident] = []
    if state != "over" and before is None:
        living = await asyncio.to_thread(
            lambda: hub.incidents.list(states=LIVING, most=1000, **wanted)
        )
    over: list[Incident] = []
    if state != "living":
        over = await asyncio.to_thread(
            lambda: hub.incidents.list(states=OVER, most=A_PAGE + 1, before=before, **wanted)
        )
    words = await _words(hub, language, account)
    return page(
        "incidents.html",
        request,
        hub,
        language,
        account,
        # nobody sees to it: first
        living=[words.line(one) for one in sorted(living, key=lambda one: one.state != "open")],
        over=[words.line(one) for one in over[:A_PAGE]],
        next=over[A_PAGE - 1].id if len(over) > A_PAGE else None,
        before=before,
        state=state,
        kind=kind,
        square=square,
        kinds=KINDS,
        squares=[name for name in hub.square_names() if account.may("see", name)],
    )


@router.get("/incidents/events", response_class=EventSourceResponse)
async def all_events(
    account: Asks, ear: Annotated[Ear, Depends(_ear)]
) -> AsyncIterator[ServerSentEvent]:
    """`changed`: some incident is another than it was; `alive`: nothing is new."""
    async for event in _stream(ear):
        yield event


@router.api_route("/incidents/{id}", methods=READ, response_class=HTMLResponse)
async def incident(
    id: Id, request: Request, hub: Hub, language: Language, account: Asks
) -> HTMLResponse:
    """All there is to know of one."""
    found = await incident_for(hub, id, account)
    texts = hub.texts[language]
    timeline, effects = await asyncio.to_thread(
        lambda: (hub.incidents.timeline(id), hub.incidents.effects(id))
    )
    units = [unit for unit in found.units if unit in hub.live.states] or [
        unit
        for unit, state in sorted(hub.live.states.items())
        if square_of(state.unit) == found.square and found.kind == "noise"
    ]
    words = await _words(hub, language, account, units)
    orders = await _orders(hub, found)
    given = [
        (order.at, texts["entry_order"].format(what=row.what, who=row.who, became=row.became))
        for order in orders
        for row in [order_words.row(order, texts, hub.utc_offset)]
    ]
    may_see_pictures = account.may("pictures", found.square)
    pictures = await asyncio.to_thread(_pictures, hub, id, texts) if may_see_pictures else []
    may_answer = account.may("acknowledge", found.square)
    silences = await asyncio.to_thread(hub.incidents.silences, found.square)
    covered = await asyncio.to_thread(_covered, hub, found, units, words)
    return page(
        "incident.html",
        request,
        hub,
        language,
        account,
        incident=found,
        look=look(found),
        square_address=address_of(found.square),
        title=words.title(found),
        state_words=words.state(found),
        when=words.when(found),
        day=words.day(found),
        units=[
            (unit, hub.unit_name(unit) or unit, hub.live.states[unit].unit.simulated)
            for unit in units
        ],
        story=words.story(timeline, effects, given),
        calls=words.calls(timeline, effects) if may_answer else [],
        pictures=pictures,
        camera=may_see_pictures,
        camera_address=f"/cameras/{quote(found.square, safe='')}"
        if account.may("squares.change", found.square)
        else "",
        covered=covered,
        silences=[
            texts["silence_until"].format(
                until=words.at(one.until), name=words.name(one.by), reason=one.reason
            )
            for one in silences
        ],
        hours=SILENCES,
        longest=LONGEST_TEXT,
        may={
            what: account.may(what, found.square)
            for what in ("acknowledge", "close", "silence", "say", "speak", "evidence")
        },
    )


@router.get("/incidents/{id}/events", response_class=EventSourceResponse)
async def events(
    account: Asks, ear: Annotated[Ear, Depends(_ear_of_one)]
) -> AsyncIterator[ServerSentEvent]:
    """`changed`: it is another than it was; `curve`: there are new seconds; `alive`."""
    async for event in _stream(ear):
        yield event


@router.api_route("/incidents/{id}/curve/{unit}", methods=READ)
def curve(
    id: Id, unit: str, request: Request, hub: Hub, language: Language, account: Asks
) -> Response:
    """The curve of one unit from five minutes before to five minutes after, as of `last-hour`,
    with `marks`: (t, stage, its name) of each stage it went to. At most six hours."""
    found = hub.incidents.one(id)
    if found is None:
        raise HTTPException(404, _MISSING)
    require(account, "see", found.square, _MISSING)
    state = hub.live.states.get(unit)
    if state is None or square_of(state.unit) != found.square:
        raise HTTPException(404, "No such unit.")
    timeline = hub.incidents.timeline(id)
    span = _span(hub, found, unit)
    told = hub.queries.hour_from(
        unit, span.first, state.unit.replaced, max(1, span.last - span.first)
    )
    texts = hub.texts[language]
    known = limits(timeline, unit)
    # the first word of a limit is told when it is exceeded, and held before
    known = [(min(known[0][0], told.t0), known[0][1]), *known[1:]] if known else []
    found = {
        **vars(told),
        "limit": known,
        "marks": [(t, stage, texts[f"mark_{stage}"]) for t, stage in marks(timeline, unit)],
        "utc_offset": hub.utc_offset,
        "span": texts["incident_span_cut"] if span.cut else "",
    }
    return answer(request, found)


@router.post("/incidents/{id}/acknowledge")
async def acknowledge(id: Id, hub: Hub, account: Answers, who: Who) -> Response:
    """Somebody sees to it."""
    await incident_for(hub, id, account, "acknowledge")
    now = time.time()
    return await _done(id, lambda: hub.incidents.acknowledge(id, who.name, now, ip=who.ip))


@router.post("/incidents/{id}/note")
async def note(id: Id, hub: Hub, account: Answers, who: Who, text: Text) -> Response:
    """Something for the story."""
    await incident_for(hub, id, account, "acknowledge")
    if not text.strip():
        return RedirectResponse(f"/incidents/{id}", 303)
    return await _done(id, lambda: hub.incidents.note(id, who.name, text, time.time(), ip=who.ip))


@router.post("/incidents/{id}/close")
async def close(
    id: Id, hub: Hub, account: Annotated[Account, Depends(may("close"))], who: Who, text: Text
) -> Response:
    """End it, with a note."""
    await incident_for(hub, id, account, "close")
    return await _done(id, lambda: hub.incidents.close(id, who.name, text, time.time(), ip=who.ip))


@router.post("/incidents/{id}/silence")
async def silence(
    id: Id,
    hub: Hub,
    account: Annotated[Account, Depends(may("silence"))],
    who: Who,
    hours: Annotated[int, Form(ge=0, le=max(SILENCES))],
    reason: Annotated[str, Form(max_length=200)],
) -> Response:
    """Call nobody for its square for so long; 0 hours: call again."""
    found = await incident_for(hub, id, account, "silence")
    now = time.time()
    until = now + 3600 * hours
    return await _done(
        id,
        lambda: hub.incidents.silence(found.square, until, reason, who.name, now, ip=who.ip),
    )


async def _done(id: int, work: Any) -> Response:
    try:
        await asyncio.to_thread(work)
    except UserError as error:
        raise HTTPException(422, str(error)) from None
    return RedirectResponse(f"/incidents/{id}", 303)


async def incident_for(
    hub: Context, id: int, account: Account, permission: str = "see"
) -> Incident:
    """Raises HTTPException where there is none, or it may not be done in its square."""
    found = await asyncio.to_thread(hub.incidents.one, id)
    if found is None:
        raise HTTPException(404, _MISSING)
    require(account, permission, found.square, _MISSING)
    return found


async def _words(
    hub: Context, language: str, account: Account, units: list[str] | None = None
) -> Words:
    people = await asyncio.to_thread(hub.people.accounts.all)
    # who is of another district is named nowhere here, not even to be told from
    known = [one.account for one in people if account.knows(one.account)]
    names = people_named(known, hub.texts[language])
    several = units and len(units) > 1
    places = {unit: hub.unit_name(unit) or unit for unit in units or ()}
    simulated = {id for id, state in hub.live.states.items() if state.unit.simulated}
    return Words(
        *(hub.texts[language], hub.utc_offset, time.time(), names),
        places if several else {},
        simulated,
    )


async def _orders(hub: Context, incident: Incident) -> list[Order]:
    """What people had its boxes do meanwhile, oldest first."""
    last = incident.resolved or incident.closed or float("inf")
    found = await hub.orders.of(incident.units, ORDERS)
    return [
        order
        for order in reversed(found)
        if incident.opened - 60 <= order.at <= last + AROUND_SECONDS
    ]


@dataclass(frozen=True)
class _Span:
    """Of the curve, by the unit's own clock: first <= t < last; begin, end: of the incident in
    it; cut: it is longer."""

    first: int
    last: int
    begin: int
    end: int
    cut: bool


def _span(hub: Context, incident: Incident, unit: str) -> _Span:
    state = hub.live.states[unit]
    newest = state.last if state.last is not None and is_dated(state.last) else None
    begin = int(incident.begin if incident.begin is not None else incident.opened)
    end = incident.end
    if end is None or end < begin:
        over = incident.resolved or incident.closed
        end = over if over is not None and incident.begin is None else newest or begin
    end = int(end) + 1
    last = min(end + AROUND_SECONDS, max(end, (newest or end) + 1))
    first = begin - AROUND_SECONDS
    return _Span(first, min(last, first + LONGEST_CURVE), begin, end, last - first > LONGEST_CURVE)


def _pictures(hub: Context, id: int, texts: Texts) -> list[Shown]:
    return [
        shown(one, texts, hub.utc_offset, not one.there or hub.album.read(one) is not None)
        for one in hub.album.of_incident(id)
    ]


def _covered(
    hub: Context,
    incident: Incident,
    units: list[str],
    words: Words,
) -> list[Covered]:
    found: list[Covered | None] = []
    for unit in units:
        span = _span(hub, incident, unit)
        end = min(span.end, span.last)
        told: Curve = hub.queries.hour_from(
            unit, span.begin, hub.live.states[unit].unit.replaced, max(1, end - span.begin)
        )
        found.append(words.covered(unit, told, span.begin, end))
    return [one for one in found if one]


async def _stream(ear: Ear) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(retry=RECONNECT_MS)
    async for what in ear.news():
        yield ServerSentEvent(event=what, raw_data="{}")
