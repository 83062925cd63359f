"""The live page: one page, one event stream, one curve a unit."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from noisetamer.hub.live import Listener, Live
from noisetamer.hub.store.queries import Lookback
from noisetamer.hub.web.i18n import LANGUAGES, PAGES, read_texts
from noisetamer.hub.web.view_model import Card, card

STATIC = Path(__file__).with_name("static")

HEADERS = {
    # everything the page needs comes from the hub itself
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def create_app(live: Live, lookback: Lookback, utc_offset: float) -> FastAPI:
    """The page over what `live` and `lookback` know. utc_offset: of the square's clock, h."""
    app = FastAPI(title="Noise Tamer hub", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(_Headers)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    texts = read_texts()
    pages = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def cards(language: str) -> list[Card]:
        return [card(live.states[id], texts[language], utc_offset) for id in sorted(live.states)]

    @app.get("/", response_class=HTMLResponse)
    def page(request: Request) -> HTMLResponse:
        language = _language(request)
        html = pages.get_template("live.html").render(
            texts=texts[language],
            cards=cards(language),
            units={id: state.unit for id, state in live.states.items()},
        )
        response = HTMLResponse(html)
        response.set_cookie("lang", language, max_age=365 * 86400, samesite="lax", httponly=True)
        return response

    @app.get("/events")
    async def events(request: Request) -> StreamingResponse:
        listener = live.listen()
        if listener is None:
            raise HTTPException(503, "Too many open pages; close one and try again.")
        return StreamingResponse(
            stream(listener, _language(request)), media_type="text/event-stream"
        )

    async def stream(listener: Listener, language: str) -> AsyncIterator[str]:
        try:
            yield "retry: 1000\n\n"
            for each in cards(language):
                yield _event("card", asdict(each))
            async for news in listener.news():
                if not news:
                    yield _event("alive", {})
                for kind, id in news:
                    if kind == "card":
                        each = card(live.states[id], texts[language], utc_offset)
                        yield _event("card", asdict(each))
                    else:
                        yield _event("curve", {"id": id})
        finally:
            live.leave(listener)

    @app.get("/units/{id}/last-hour")
    def last_hour(id: str) -> dict[str, object]:
        if id not in live.states:
            raise HTTPException(404, "No such unit.")
        curve = lookback.last_hour(id)
        if curve is None:
            return {"t0": 0, "LAeq": [], "invalid": [], "limit": [], "utc_offset": utc_offset}
        return {
            **asdict(curve),
            "limit": list(live.states[id].limits),
            "utc_offset": utc_offset,
        }

    @app.get("/health")
    def health() -> dict[str, object]:
        states = live.states.values()
        return {"ok": True, "units": len(states), "online": sum(bool(s.online) for s in states)}

    return app


def _language(request: Request) -> str:
    """Asked for, else chosen before, else Chinese."""
    asked = request.query_params.get("lang") or request.cookies.get("lang")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


class _Headers:
    """Adds HEADERS to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)
