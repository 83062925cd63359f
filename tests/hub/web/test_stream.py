"""The page's event stream, driven in this process: what is on the wire, and who still listens."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from console import Console
from heartbeats import heartbeat
from scripted_unit import START, seconds, stage
from waiting import DEADLINE

from noisetamer.hub.health import Trouble
from noisetamer.hub.live import MOST_LISTENERS, UnitState, _apply
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.queries import PastEvent
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Event, Now, Seconds, read_report


class Web:
    """The application with one unit, and a browser's view of its stream."""

    def __init__(self, folder: Path) -> None:
        console = Console(folder)
        self.live, self.health, self.queries = console.live, console.health, console.queries
        self.app, self.secret = console.app, console.secret
        self.live.states["SIM-0001"] = UnitState(Unit("SIM-0001", "", "", ""))
        self.head: dict[str, Any] = {}
        self.gone = asyncio.Event()
        self._parts: asyncio.Queue[bytes] = asyncio.Queue()

    def browser(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        mine = {"session": self.secret}
        return httpx.AsyncClient(transport=transport, base_url="http://hub", cookies=mine)

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
            "headers": [(b"cookie", f"session={self.secret}; {cookie}".encode())],
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
                for event in re.findall(rb".*?\n\n", message["body"], re.DOTALL):
                    self._parts.put_nowait(event)

        await self.app(scope, receive, send)  # pyright: ignore[reportArgumentType]

    async def part(self) -> str:
        return (await asyncio.wait_for(self._parts.get(), DEADLINE)).decode()


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    heartbeat(monkeypatch, DEADLINE)
    return Web(tmp_path)


def test_a_stream_begins_with_the_pause_before_reconnecting_and_every_card(web: Web):
    async def look() -> None:
        stream = asyncio.create_task(web.open())
        assert await web.part() == "retry: 1000\n\n"
        assert await web.part() == 'event: all\ndata: {"ids": ["SIM-0001"]}\n\n'
        event, data, *end = (await web.part()).split("\n")
        assert (event, end) == ("event: card", ["", ""])
        card = json.loads(data.removeprefix("data: "))
        assert (card["id"], card["stage"]) == ("SIM-0001", "尚未报告过")
        assert "尚未报告过" in data  # as it is, not as \u escapes
        assert web.head["status"] == 200
        assert web.head["headers"][b"content-type"].startswith(b"text/event-stream")
        assert web.head["headers"][b"cache-control"] == b"no-cache"
        web.gone.set()
        await asyncio.wait_for(stream, DEADLINE)

    asyncio.run(look())


def test_news_and_signs_of_life_follow(web: Web, monkeypatch: pytest.MonkeyPatch):
    async def look() -> None:
        stream = asyncio.create_task(web.open())
        for _ in ("retry", "all", "card", "summary"):
            await web.part()
        heartbeat(monkeypatch, 0.5)
        web.live._tell("curve", "SIM-0001", at_once=True)
        assert await web.part() == 'event: curve\ndata: {"id": "SIM-0001"}\n\n'
        assert await web.part() == "event: alive\ndata: {}\n\n"
        web.gone.set()
        await asyncio.wait_for(stream, DEADLINE)

    asyncio.run(look())


def test_a_story_is_sent_once_and_a_card_is_put_into_words_once_for_all_pages(web: Web):
    async def look() -> None:
        stream = asyncio.create_task(web.open())
        for _ in ("retry", "all"):
            await web.part()
        assert '"story": []' in await web.part()
        await web.part()
        cards = web.app.state.context.cards
        web.live.on_now(Now("SIM-0001", START, 612, 0, "green", 650, False))
        card = await web.part()
        assert card.startswith("event: card\n") and '"61.2"' in card and '"story"' not in card
        assert "event: summary" in await web.part()
        told = cards.one("SIM-0001", "zh")
        assert cards.one("SIM-0001", "zh") is told
        boot = PastEvent(START, 1, 1, "boot", {})
        _apply(web.live.states["SIM-0001"], boot, 0.0)
        web.live._tell("card", "SIM-0001", at_once=True)
        assert "设备启动" in await web.part()
        assert cards.one("SIM-0001", "zh") is not told
        web.gone.set()
        await asyncio.wait_for(stream, DEADLINE)

    asyncio.run(look())


def test_a_unit_that_is_revoked_leaves_the_page_and_its_successor_has_its_story(
    web: Web, tmp_path: Path
):
    async def look() -> None:
        stream = asyncio.create_task(web.open("lang=en"))
        for _ in ("retry", "all", "card", "summary"):
            await web.part()
        store = Store(tmp_path / "hub.sqlite")
        old = [
            stage(1, START, "green", "red"),
            stage(2, START + 60, "red", "green", 600),
            seconds(3, START, [690, 691, 692]),
        ]
        new = [seconds(1, START + 5, [600, 601])]
        for unit, messages in (("SIM-0001", old), ("SIM-0002", new)):
            for message in messages:
                report = read_report(f"dev.{unit}.record", message)
                assert isinstance(report, Seconds | Event)
                store.append(0, [report])
        web.live.load([Unit("SIM-0002", "", "", "", ("SIM-0001",))], web.queries)
        assert await web.part() == 'event: gone\ndata: {"id": "SIM-0001"}\n\n'
        added = await web.part()
        assert "quiet again" in added and "took the place of SIM-0001" in added
        assert "event: summary" in await web.part()
        async with web.browser() as browser:
            curve = (await browser.get("/units/SIM-0002/last-hour")).json()
            assert curve["LAeq"] == [690, 691, 692, None, None, 600, 601]
            assert curve["invalid"] == [[START + 3, START + 5, "not received"]]
            assert curve["limit"] == [[START, 650]]
            (hour,) = (await browser.get("/units/SIM-0002/hours")).json()
            assert hour["LAFmax"] == "71.2"
            assert (await browser.get("/units/SIM-0001/hours")).status_code == 404
        web.gone.set()
        await asyncio.wait_for(stream, DEADLINE)
        store.close()

    asyncio.run(look())


def test_an_unknown_address_is_said_in_words_to_a_browser_and_as_json_to_a_program(web: Web):
    async def look() -> None:
        async with web.browser() as browser:
            for path in ("/nowhere", "/static/nothing", "/units/SIM-9/hours"):
                program = await browser.get(path)
                assert program.status_code == 404 and program.json()["detail"]
                for language, words in (
                    ("en-GB,en;q=0.9", "nothing at this"),
                    ("zh", "此地址没有"),
                ):
                    headers = {"accept": "text/html,*/*;q=0.8", "accept-language": language}
                    page = await browser.get(path, headers=headers)
                    assert (page.status_code, words in page.text) == (404, True)
                    assert page.headers["content-type"].startswith("text/html")

    asyncio.run(look())


def test_the_language_is_the_browsers_until_one_is_chosen(web: Web):
    async def look() -> None:
        async with web.browser() as browser:

            async def language(address: str = "/", accepted: str = "") -> str:
                headers = {"accept-language": accepted} if accepted else {}
                return (await browser.get(address, headers=headers)).text.split('lang="')[1][:2]

            assert await language() == "zh"
            assert await language(accepted="en-US,en;q=0.9") == "en"
            assert await language(accepted="de, zh-TW;q=0.8, en;q=0.7") == "zh"
            assert await language(accepted="fr") == "en"
            assert await language(accepted="fr;q=1, en;q=0") == "en"
            assert await language(accepted="*") == "zh"
            assert browser.cookies.get("lang") is None
            assert await language("/?lang=zh", "en") == "zh"
            assert await language(accepted="en") == "zh"  # chosen before
            assert await language("/?lang=xx", "en") == "zh"

    asyncio.run(look())


def test_an_empty_hub_says_what_can_be_done(web: Web):
    async def look() -> None:
        web.live.states.clear()
        async with web.browser() as browser:
            page = (await browser.get("/?lang=en")).text
        assert "No box reports to this hub yet" in page and "noisetamer admit" in page

    asyncio.run(look())


def test_what_is_wrong_with_the_hub_itself_is_told_when_it_begins_and_when_it_ends(web: Web):
    async def look() -> None:
        stream = asyncio.create_task(web.open())
        for _ in ("retry", "all", "card", "summary"):
            await web.part()
        for found in ([Trouble("part", {"what": "纸卡住了"})], []):
            web.health.found = found
            web.live._tell("curve", "SIM-0001", at_once=True)
            event, data, *_ = (await web.part()).split("\n")
            assert event == "event: hub"
            assert ("纸卡住了" in data) == bool(found)
            await web.part()
        web.gone.set()
        await asyncio.wait_for(stream, DEADLINE)

    asyncio.run(look())


def test_whoever_closes_the_page_is_forgotten(web: Web):
    async def look() -> None:
        stream = asyncio.create_task(web.open())
        await web.part()
        assert web.live.watched
        web.gone.set()
        await asyncio.wait_for(stream, DEADLINE)
        assert not web.live.watched

    asyncio.run(look())


def test_a_hub_that_ends_closes_its_streams(web: Web):
    async def look() -> None:
        stream = asyncio.create_task(web.open())
        await web.part()
        web.live.close()
        await asyncio.wait_for(stream, DEADLINE)
        assert not web.live.watched

    asyncio.run(look())


def test_one_page_too_many_is_told_so_and_takes_no_place(web: Web):
    async def look() -> None:
        listeners = [web.live.listen() for _ in range(MOST_LISTENERS)]
        async with web.browser() as browser:
            answer = await browser.get("/events")
        assert answer.status_code == 503
        assert answer.json()["detail"] == "Too many open pages; close one and try again."
        assert len(web.live._listeners) == MOST_LISTENERS == len(listeners)

    asyncio.run(look())
