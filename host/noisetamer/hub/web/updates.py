"""What is rolled out to the boxes: how far it is, what failed, and the button that stops it."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from noisetamer.base.errors import UserError
from noisetamer.base.language import say_in
from noisetamer.hub.live import HEARTBEAT_SECONDS
from noisetamer.hub.people.roles import Account
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.updates import told
from noisetamer.hub.updates.around import running
from noisetamer.hub.updates.book import Rollout
from noisetamer.hub.updates.updates import Updates
from noisetamer.hub.web import update_view
from noisetamer.hub.web.allowed import may
from noisetamer.hub.web.context import READ, Context, Hub, Language
from noisetamer.hub.web.signs_of_life import RECONNECT_MS
from noisetamer.hub.web.templates import page
from noisetamer.hub.web.timeline import to_the_minute

router = APIRouter()

Sees = Annotated[Account, Depends(may("fleet"))]
Keeps = Annotated[Account, Depends(may("update"))]


def updates_of(request: Request) -> Updates:
    """Of the hub that serves this page."""
    return request.app.state.updates


@router.api_route("/updates", methods=READ, response_class=HTMLResponse)
async def updates(request: Request, hub: Hub, language: Language, account: Sees) -> HTMLResponse:
    """How the last one stands, what runs where, and what was before."""
    return await _page(request, hub, language, account)


@router.get("/updates/events", response_class=EventSourceResponse)
async def events(request: Request, account: Sees) -> AsyncIterator[ServerSentEvent]:
    """`changed`: a roll-out; `alive`: nothing new."""
    news = asyncio.Event()
    end = updates_of(request).subscribe(news.set)
    try:
        yield ServerSentEvent(retry=RECONNECT_MS)
        while True:
            try:
                await asyncio.wait_for(news.wait(), HEARTBEAT_SECONDS)
                news.clear()
                yield ServerSentEvent(event="changed", raw_data="{}")
                # what comes together is shown together
                await asyncio.sleep(1)
            except TimeoutError:
                yield ServerSentEvent(event="alive", raw_data="{}")
    finally:
        end()


@router.post("/updates/stop", response_class=HTMLResponse)
async def stop(
    request: Request,
    hub: Hub,
    language: Language,
    account: Keeps,
    reason: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """No box gets it from now on."""
    return await _asked("stop", reason, request, hub, language, account)


@router.post("/updates/resume", response_class=HTMLResponse)
async def resume(
    request: Request,
    hub: Hub,
    language: Language,
    account: Keeps,
    reason: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """What stands still goes on."""
    return await _asked("resume", reason, request, hub, language, account)


def _of_these(one: Rollout, names: Mapping[str, str]) -> Rollout | None:
    """As if it were for these boxes only; None where it is for none of them."""
    units = {id: unit for id, unit in one.state.units.items() if id in names}
    return replace(one, state=replace(one.state, units=units)) if units else None


async def _asked(
    what: str, reason: str, request: Request, hub: Context, language: str, account: Account
) -> Response:
    if not reason.strip():
        return await _page(
            request, hub, language, account, hub.texts[language]["order_needs_reason"]
        )
    try:
        fields = {"reason": reason.strip()}
        await updates_of(request).ask(account.name, account.role, what, fields)
    except UserError as refused:
        return await _page(request, hub, language, account, say_in(language, str(refused)))
    return RedirectResponse("/updates", 303)


async def _page(
    request: Request, hub: Context, language: str, account: Account, wrong: str = ""
) -> HTMLResponse:
    if not account.may("fleet"):
        raise HTTPException(403, "not allowed")
    names = {
        id: state.unit.place or id
        for id, state in hub.live.states.items()
        if account.may("fleet", square_of(state.unit))
    }
    found, texts = updates_of(request), hub.texts[language]
    await found.look()
    current = found.current()
    history = await found.history()
    if account.district:
        current = _of_these(current, names) if current else None
        history = [here for one in history if (here := _of_these(one, names))]
    entries = await found.entries(current.id) if current else []
    runs = await asyncio.to_thread(running, hub.queries, list(names))
    counts, rows = update_view.runs(runs, names, current.state.units if current else {}, texts)
    shown = current and update_view.shown(
        current, names, texts, hub.utc_offset, time.time(), account.district is None
    )
    return page(
        "updates.html",
        *(request, hub, language, account),
        422 if wrong else 200,
        one=shown,
        wide=update_view.WIDE,
        entries=[update_view.entry(each, texts, hub.utc_offset) for each in entries],
        former=[
            (to_the_minute(each.at, hub.utc_offset), told.title(each, texts))
            for each in history
            if current is None or each.id != current.id
        ],
        counts=counts,
        runs=rows,
        keeps=account.may("update"),
        wrong=wrong,
    )
