"""The live page and its stream of server-sent events."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from noisetamer.hub.live import Listener
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.health import told
from noisetamer.hub.web.i18n import PAGES
from noisetamer.hub.web.view_model import Card, card

RECONNECT_MS = 1000

router = APIRouter()

_pages = Environment(
    loader=FileSystemLoader(PAGES),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@router.api_route("/", methods=READ, response_class=HTMLResponse)
async def page(hub: Hub, language: Language) -> HTMLResponse:
    """Every unit's card, in the language asked for, which the browser then remembers."""
    html = _pages.get_template("live.html").render(
        texts=hub.texts[language],
        troubles=told(hub, language),
        cards=_cards(hub, language),
        units={id: state.unit for id, state in hub.live.states.items()},
    )
    response = HTMLResponse(html)
    response.set_cookie("lang", language, max_age=365 * 86400, samesite="lax", httponly=True)
    return response


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
    hub: Hub, language: Language, listener: Annotated[Listener, Depends(_listener)]
) -> AsyncIterator[ServerSentEvent]:
    """`card`: one as it is now; `curve`: {id} has new seconds; `hub`: what is wrong with the hub
    itself now; `alive`: nothing is new.
    """
    yield ServerSentEvent(retry=RECONNECT_MS)
    troubles: list[str] = []
    for each in _cards(hub, language):
        yield _event("card", asdict(each))
    async for news in listener.news():
        if troubles != (troubles := told(hub, language)):
            yield _event("hub", {"troubles": troubles})
        if not news:
            yield _event("alive", {})
        for kind, id in news:
            if kind == "card":
                yield _event("card", asdict(_card(hub, language, id)))
            else:
                yield _event("curve", {"id": id})


def _cards(hub: Context, language: str) -> list[Card]:
    return [_card(hub, language, id) for id in sorted(hub.live.states)]


def _card(hub: Context, language: str, id: str) -> Card:
    return card(hub.live.states[id], hub.texts[language], hub.utc_offset, time.time())


def _event(name: str, data: object) -> ServerSentEvent:
    # raw: FastAPI would write \u escapes, three times as long in Chinese
    return ServerSentEvent(event=name, raw_data=json.dumps(data, ensure_ascii=False))
