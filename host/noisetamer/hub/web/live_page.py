"""The live page and its stream of server-sent events."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from noisetamer.hub.live import Listener
from noisetamer.hub.people.roles import Account
from noisetamer.hub.web.allowed import Asks, may
from noisetamer.hub.web.cards import Told
from noisetamer.hub.web.context import READ, Hub, Language
from noisetamer.hub.web.health import told
from noisetamer.hub.web.templates import page

RECONNECT_MS = 1000

router = APIRouter()

# More cards than these are closed at first: an overview.
OPEN_CARDS = 4


@router.api_route("/", methods=READ, response_class=HTMLResponse)
async def live_page(
    request: Request,
    hub: Hub,
    language: Language,
    account: Annotated[Account, Depends(may("see"))],
) -> HTMLResponse:
    """Every unit's card, the worst first."""
    cards = hub.cards.all(language)
    return page(
        "live.html",
        request,
        hub,
        language,
        account,
        troubles=told(hub, language),
        cards=cards,
        summary=hub.cards.summary(language),
        simulated={id for id, state in hub.live.states.items() if state.unit.simulated},
        few=len(cards) <= OPEN_CARDS,
    )


async def _listener(hub: Hub) -> AsyncIterator[Listener]:
    """Listens until the stream is over."""
    listener = hub.live.listen()
    if listener is None:
        raise HTTPException(503, "Too many open pages; close one and try again.")
    try:
        yield listener
    finally:
        hub.live.leave(listener)


@router.get("/events", response_class=EventSourceResponse)
async def events(
    hub: Hub,
    language: Language,
    account: Asks,
    listener: Annotated[Listener, Depends(_listener)],
) -> AsyncIterator[ServerSentEvent]:
    """`card`: one as it is now, with its `story` where that is new; `curve`: {id} has new
    seconds; `gone`: {id} is no unit any more; `summary`: all cards in a line; `hub`: what is
    wrong with the hub itself now; `alive`: nothing is new.
    """
    yield ServerSentEvent(retry=RECONNECT_MS)
    troubles: list[str] = []
    stories: dict[str, int] = {}
    for each in hub.cards.all(language):
        yield _card(each, stories)
    summary = hub.cards.summary(language)
    yield _event("summary", asdict(summary))
    async for news in listener.news():
        if troubles != (troubles := told(hub, language)):
            yield _event("hub", {"troubles": troubles})
        if not news:
            yield _event("alive", {})
        for kind, id in news:
            if kind == "curve":
                yield _event("curve", {"id": id})
            elif card := hub.cards.one(id, language):
                yield _card(card, stories)
            else:
                yield _event("gone", {"id": id})
        if summary is not (summary := hub.cards.summary(language)):
            yield _event("summary", asdict(summary))


def _card(told: Told, stories: dict[str, int]) -> ServerSentEvent:
    """stories: which this page has had."""
    new = stories.get(told.card.id) != told.seen
    stories[told.card.id] = told.seen
    return ServerSentEvent(event="card", raw_data=told.with_story if new else told.data)


def _event(name: str, data: object) -> ServerSentEvent:
    # raw: FastAPI would write \u escapes, three times as long in Chinese
    return ServerSentEvent(event=name, raw_data=json.dumps(data, ensure_ascii=False))
