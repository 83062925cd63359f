"""The page of whoever is on duty: it rings on any phone or computer, without app or internet."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from noisetamer.hub.live import HEARTBEAT_SECONDS
from noisetamer.hub.people.roles import Account
from noisetamer.hub.phones import duty, reached
from noisetamer.hub.phones.channels.topic import duty_topic
from noisetamer.hub.phones.phones import called
from noisetamer.hub.web.allowed import by, ip_of, may, require
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.phones import PhonesOf
from noisetamer.hub.web.templates import page

router = APIRouter()

OnDuty = Annotated[Account, Depends(may("acknowledge"))]

_WORDS = ("awake", "awake_perhaps", "asleep", "act", "look", "not_done", "since", "muted")


@router.api_route("/duty", methods=READ, response_class=HTMLResponse)
async def show(request: Request, hub: Hub, language: Language, account: OnDuty) -> HTMLResponse:
    """The page. It does nothing before it is touched: browsers let no page ring unasked."""
    texts = hub.texts[language]
    words = {name: texts[f"duty_{name}"] for name in _WORDS}
    return page("duty.html", request, hub, language, account, words=json.dumps(words))


@router.post("/duty/start")
async def start(request: Request, hub: Hub, account: OnDuty) -> dict[str, bool]:
    """From now on this person's calls come here too."""
    who = by(request)

    def add() -> None:
        ways = hub.people.contacts.of(account.id)
        if not any(way.channel == "duty" for way in ways):
            hub.people.contacts.add(account.id, "duty", who)

    await asyncio.to_thread(add)
    return {"on_duty": True}


@router.post("/duty/end")
async def end(request: Request, hub: Hub, account: OnDuty) -> dict[str, bool]:
    """Nobody is called here any more: a page that is closed takes no calls."""
    who = by(request)

    def remove() -> None:
        for way in hub.people.contacts.of(account.id):
            if way.channel == "duty":
                hub.people.contacts.remove(way.id, who)

    await asyncio.to_thread(remove)
    return {"on_duty": False}


@router.post("/duty/acknowledge")
async def acknowledge(
    request: Request,
    hub: Hub,
    phones: PhonesOf,
    account: OnDuty,
    language: Language,
    id: Annotated[int, Body(alias="incident", embed=True)],
) -> list[dict[str, Any]]:
    """This person sees to it; the calls as they are then."""
    incident = await asyncio.to_thread(hub.incidents.one, id)
    if incident is None:
        raise HTTPException(404, "No such incident.")
    require(account, "acknowledge", incident.square, "No such incident.")
    await asyncio.to_thread(
        lambda: hub.incidents.acknowledge(
            id, account.name, phones.clock(), "duty", ip=ip_of(request)
        )
    )
    return await _calls(hub, phones.clock(), account, language)


@router.get("/duty/events")
async def events(
    request: Request, hub: Hub, language: Language, phones: PhonesOf, account: OnDuty
) -> StreamingResponse:
    """`calls`: all of them, whenever one changes; `alive`: nothing is new."""
    topic = duty_topic(account.id)
    listener = phones.listeners.enter([topic])
    if listener is None:
        raise HTTPException(503, "Too many open pages; close one and try again.")
    arrived = reached.by(getattr(request.state, "transport", None))

    async def told() -> AsyncIterator[str]:
        n, before = 0, None
        try:
            while not listener.ended:
                listener.look()
                kept = await asyncio.to_thread(phones.postbox.after, [topic], n)
                now = await _calls(hub, phones.clock(), account, language)
                if kept or now != before:
                    yield f"event: calls\ndata: {json.dumps(now, ensure_ascii=False)}\n\n"
                    phones.streams.prove([one.id for one in kept if not one.taken], arrived)
                    n, before = kept[-1].n if kept else n, now
                elif not await listener.wait(HEARTBEAT_SECONDS):
                    yield "event: alive\ndata: {}\n\n"
        finally:
            phones.listeners.leave(listener)

    return StreamingResponse(told(), media_type="text/event-stream")


async def _calls(
    hub: Context, now: float, account: Account, language: str
) -> list[dict[str, Any]]:
    found = await asyncio.to_thread(
        *(
            duty.calls,
            hub.incidents,
            account,
            hub.texts[language],
            hub.utc_offset,
            now,
            hub.unit_name,
        ),
        lambda name: called(hub.people, name),
    )
    return [asdict(call) for call in found]
