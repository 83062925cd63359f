"""The page's event stream, driven in this process: what is on the wire, and who still listens."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.health import Health, Trouble
from noisetamer.hub.live import MOST_LISTENERS, Live, UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Store
from noisetamer.hub.web.app import create_app


class HealthByHand(Health):
    """Of a hub without parts."""

    def __init__(self) -> None:
        self.found: list[Trouble] = []

    def troubles(self) -> list[Trouble]:
        return self.found


class Web:
    """The application with one unit, and a browser's view of its stream."""

    def __init__(self, folder: Path) -> None:
        async def lost(subject: str, body: bytes) -> None:
            pass

        Store(folder / "hub.sqlite").close()
        commands = Commands(lost)
        self.live = Live(commands)
        self.live.states["SIM-0001"] = UnitState(Unit("SIM-0001", "", "", ""))
        self.health = HealthByHand()
        self.app = create_app(
            self.live, Queries(folder / "hub.sqlite"), commands, self.health, 8.0
        )
        self.head: dict[str, Any] = {}
        self.gone = asyncio.Event()
        self._parts: asyncio.Queue[bytes] = asyncio.Queue()

    async def open(self, cookie: str = "lang=zh") -> None:
        """GET /events, until the browser goes (`gone`) or the hub ends the stream."""
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},  # as uvicorn says
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/events",
            "raw_path": b"/events",
            "query_string": b"",
            "headers": [(b"cookie", cookie.encode())],
            "server": ("hub", 80),
            "client": ("browser", 1),
        }
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await self.gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.head = {**message, "headers": dict(message["headers"])}
            else:
                self._parts.put_nowait(message["body"])

        await self.app(scope, receive, send)  # pyright: ignore[reportArgumentType]

    async def part(self) -> str:
        return (await asyncio.wait_for(self._parts.get(), 20)).decode()


@pytest.fixture
def web(tmp_path: Path) -> Web:
    return Web(tmp_path)


def test_a_stream_begins_with_the_pause_before_reconnecting_and_every_card(web: Web):
    async def look() -> None:
        stream = asyncio.create_task(web.open())
        assert await web.part() == "retry: 1000\n\n"
        event, data, *end = (await web.part()).split("\n")
        assert (event, end) == ("event: card", ["", ""])
        card = json.loads(data.removeprefix("data: "))
        assert (card["id"], card["note"]) == ("SIM-0001", "尚未报告过")
        assert "尚未报告过" in data  # as it is, not as \u escapes
        assert web.head["status"] == 200
        assert web.head["headers"][b"content-type"].startswith(b"text/event-stream")
        assert web.head["headers"][b"cache-control"] == b"no-cache"
        web.gone.set()
        await asyncio.wait_for(stream, 20)

    asyncio.run(look())


def test_news_and_signs_of_life_follow(web: Web):
    async def look() -> None:
        stream = asyncio.create_task(web.open())
        await web.part()
        await web.part()
        web.live._tell("curve", "SIM-0001", at_once=True)
        assert await web.part() == 'event: curve\ndata: {"id": "SIM-0001"}\n\n'
        assert await web.part() == "event: alive\ndata: {}\n\n"
        web.gone.set()
        await asyncio.wait_for(stream, 20)

    asyncio.run(look())


def test_what_is_wrong_with_the_hub_itself_is_told_when_it_begins_and_when_it_ends(web: Web):
    async def look() -> None:
        stream = asyncio.create_task(web.open())
        await web.part()
        await web.part()
        for found in ([Trouble("part", {"what": "纸卡住了"})], []):
            web.health.found = found
            web.live._tell("curve", "SIM-0001", at_once=True)
            event, data, *_ = (await web.part()).split("\n")
            assert event == "event: hub"
            assert ("纸卡住了" in data) == bool(found)
            await web.part()
        web.gone.set()
        await asyncio.wait_for(stream, 20)

    asyncio.run(look())


def test_whoever_closes_the_page_is_forgotten(web: Web):
    async def look() -> None:
        stream = asyncio.create_task(web.open())
        await web.part()
        assert web.live.watched
        web.gone.set()
        await asyncio.wait_for(stream, 20)
        assert not web.live.watched

    asyncio.run(look())


def test_a_hub_that_ends_closes_its_streams(web: Web):
    async def look() -> None:
        stream = asyncio.create_task(web.open())
        await web.part()
        web.live.close()
        await asyncio.wait_for(stream, 20)
        assert not web.live.watched

    asyncio.run(look())


def test_one_page_too_many_is_told_so_and_takes_no_place(web: Web):
    async def look() -> None:
        listeners = [web.live.listen() for _ in range(MOST_LISTENERS)]
        transport = httpx.ASGITransport(web.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as browser:
            answer = await browser.get("/events")
        assert answer.status_code == 503
        assert answer.json()["detail"] == "Too many open pages; close one and try again."
        assert len(web.live._listeners) == MOST_LISTENERS == len(listeners)

    asyncio.run(look())
