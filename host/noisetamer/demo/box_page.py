"""The boxes on the hub's page: a stream of what they show, their messages, the music's volume."""

import asyncio
import json
import re
import tempfile
from collections.abc import AsyncIterator, Callable
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Response
from fastapi.responses import StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from noisetamer.base.paths import FIRMWARE
from noisetamer.hub.web.allowed import may
from noisetamer.unit.voice.preview import preview

STATIC = Path(__file__).with_name("static")

_HEAD = (
    b'<link rel="stylesheet" href="/demo/static/box.css">'
    b'<script src="/demo/static/box.js" defer></script></head>'
)
# The first page, and that of a square.
_SHOWS_BOXES = re.compile(r"/(squares/[^/]+)?").fullmatch
# A page that does not read is left out of pictures, not waited for.
_WAITING = 200


class Music(BaseModel):
    """How much louder than in the story."""

    dB: Annotated[float, Field(ge=-30, le=24)]


class BoxPage:
    """What is shown comes from a thread of its own (`shows`, `close`); pages ask in the loop."""

    def __init__(self, on_music: Callable[[float], None]):
        self._on_music = on_music
        self._loop: asyncio.AbstractEventLoop | None = None
        self._latest: dict[tuple[str, str], dict[str, Any]] = {}
        self._pages: set[asyncio.Queue[dict[str, Any] | None]] = set()
        self._closed = False

    def extend(self, app: FastAPI) -> None:
        """Add to the hub's web application."""
        self._loop = asyncio.get_running_loop()
        demo = APIRouter(dependencies=[Depends(may("see"))])
        demo.add_api_route("/demo/boxes", self._boxes, methods=["GET"])
        demo.add_api_route("/demo/voice/{name}.wav", voice, methods=["GET"])
        demo.add_api_route("/demo/music", self._music, methods=["POST"], status_code=204)
        app.include_router(demo)
        app.mount("/demo/static", StaticFiles(directory=STATIC), name="demo")
        app.add_middleware(WithBoxes)

    def shows(self, view: dict[str, Any]) -> None:
        """One of BoxView's, or {"view": "story", ...}, which a page is told first."""
        if view["view"] != "voice":
            self._latest[view.get("unit", ""), view["view"]] = view
        if self._loop:
            self._loop.call_soon_threadsafe(self._pass_on, view)

    def close(self) -> None:
        """Let go of every page."""
        self._closed = True
        if self._loop:
            self._loop.call_soon_threadsafe(self._pass_on, None)

    def _pass_on(self, view: dict[str, Any] | None) -> None:
        for page in self._pages:
            if view is None or page.qsize() < _WAITING:
                page.put_nowait(view)

    async def _boxes(self) -> StreamingResponse:
        """Server-sent events: what the boxes show now, then whatever changes."""
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[str]:
        mine: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._pages.add(mine)
        try:
            for _, view in sorted(self._latest.items()):
                yield _event(view)
            while not (self._closed and mine.empty()) and (told := await mine.get()):
                yield _event(told)
        finally:
            self._pages.discard(mine)

    async def _music(self, music: Music) -> None:
        self.shows({"view": "music", "dB": music.dB})
        self._on_music(music.dB)


def voice(name: str) -> Response:
    """A message as it leaves the loudspeaker, from the file that is on the box."""
    file = FIRMWARE / "voices" / f"{name}.wav"
    if file not in (FIRMWARE / "voices").glob("*.wav"):
        raise HTTPException(404, "No such message.")
    return Response(_played(file), media_type="audio/wav")


@cache
def _played(file: Path) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        heard = Path(folder) / file.name
        preview(file, 0.0, heard)
        return heard.read_bytes()


class WithBoxes:
    """ASGI middleware: the hub's pages of squares, as they are, load our script and style too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _SHOWS_BOXES(scope["path"]):
            await self._app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def send_extended(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                extended = body.replace(b"</head>", _HEAD, 1)
                if scope["method"] != "HEAD":
                    MutableHeaders(scope=start)["content-length"] = str(len(extended))
                await send(start)
                await send({"type": "http.response.body", "body": extended})

        await self._app(scope, receive, send_extended)


def _event(view: dict[str, Any]) -> str:
    return f"data: {json.dumps(view, ensure_ascii=False)}\n\n"
