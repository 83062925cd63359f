"""The hub to a phone with ntfy's app: httpx and websockets say what the app says."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from phones_served import OTHER, PATIENCE, TOPIC, Served, served
from waiting import DEADLINE

from noisetamer.hub.phones import ntfy
from noisetamer.hub.phones.channels.channel import Result
from noisetamer.hub.phones.listeners import MOST_OF_A_TOPIC


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Callable[[Served], Awaitable[None]]], None]:
    def run_it(story: Callable[[Served], Awaitable[None]], **options: Any) -> None:
        async def told() -> None:
            async with asyncio.timeout(DEADLINE), served(tmp_path, **options) as hub:
                await story(hub)

        asyncio.run(told())

    return run_it


class Lines:
    """What a stream says, a line at a time."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self) -> dict[str, Any]:
        return json.loads(await anext(self._lines))


async def polled(hub: Served, query: str = "", topic: str = TOPIC) -> list[str]:
    answer = await hub.client.get(f"/{topic}/json?poll=1{query}")
    assert answer.status_code == 200, answer.text
    return [json.loads(line)["title"] for line in answer.text.splitlines()]


def test_a_phone_that_listens_rings(run: Any):
    async def story(hub: Served) -> None:
        async with hub.client.stream("GET", f"/{TOPIC}/json") as answer:
            assert answer.headers["content-type"] == "application/x-ndjson; charset=utf-8"
            lines = Lines(answer)
            opened = await lines.next()
            assert (opened["event"], opened["topic"]) == ("open", TOPIC)
            ringing = asyncio.create_task(hub.ring())
            said = await lines.next()
            assert said["event"] == "message"
            assert said["title"] == "东门广场 72 分贝"
            assert said["message"] == "超限 4 分钟"
            assert (said["priority"], said["tags"]) == (5, ["loud_sound"])
            assert said["click"] == f"{hub.url}/a/token"
            act, look = said["actions"]
            assert (act["action"], act["method"], act["clear"]) == ("http", "POST", True)
            assert (look["action"], look["url"]) == ("view", said["click"])
            assert (await ringing).state == "delivered"

    run(story)


def test_a_phone_that_is_away_is_not_called_delivered_and_hears_it_later(run: Any):
    taken: list[str] = []

    async def story(hub: Served) -> None:
        hub.phones.streams.on_taken = taken.append
        assert (await hub.ring("one")) == Result("refused", "not_taken")
        assert (await hub.ring("two")) == Result("refused", "not_taken")
        assert await polled(hub) == ["one", "two"]
        while len(taken) < 2:
            await asyncio.sleep(0.01)
        assert taken == ["call 1", "call 2"]

    run(story, patience=0.05)


def test_since_after_a_restart(run: Any):
    async def before(hub: Served) -> None:
        for title in ("one", "two", "three"):
            await hub.ring(title)

    async def after(hub: Served) -> None:
        answer = await hub.client.get(f"/{TOPIC}/json?poll=1")
        first = json.loads(answer.text.splitlines()[0])["id"]
        assert await polled(hub, f"&since={first}") == ["two", "three"]
        assert await polled(hub, "&since=latest") == ["three"]
        assert await polled(hub, "&since=10m") == ["one", "two", "three"]
        assert await polled(hub, "&since=1775048581") == []
        assert await polled(hub, "&since=none") == []
        assert await polled(hub, topic=OTHER) == []
        async with hub.client.stream("GET", f"/{TOPIC}/json?since={first}") as answer:
            lines = Lines(answer)
            said = [await lines.next() for _ in range(3)]
            assert [each.get("title") for each in said] == [None, "two", "three"]

    run(before, patience=0.01)
    run(after)


def test_several_topics_by_one_connection(run: Any):
    async def story(hub: Served) -> None:
        async with hub.client.stream("GET", f"/{TOPIC},{OTHER}/json") as answer:
            lines = Lines(answer)
            assert (await lines.next())["topic"] == f"{TOPIC},{OTHER}"
            await hub.ring("one", OTHER)
            await hub.ring("two", TOPIC)
            said = [await lines.next(), await lines.next()]
            assert [each["topic"] for each in said] == [OTHER, TOPIC]

    run(story)


def test_sse_and_raw(run: Any):
    async def story(hub: Served) -> None:
        await hub.ring()
        sse = await hub.client.get(f"/{TOPIC}/sse?poll=1")
        assert sse.headers["content-type"].startswith("text/event-stream")
        assert sse.text.startswith("data: {") and sse.text.endswith("\n\n")
        raw = await hub.client.get(f"/{TOPIC}/raw?poll=1")
        assert raw.text == "超限 4 分钟\n"

    run(story, patience=0.01)


def test_websocket_says_the_same_and_stays_open(run: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("noisetamer.hub.web.patience.IDLE_SECONDS", 0.2)

    async def story(hub: Served) -> None:
        uri = f"ws://{hub.address[0]}:{hub.address[1]}/{TOPIC}/ws?since=all"
        async with websockets.connect(uri, proxy=None) as socket:
            assert json.loads(await socket.recv())["event"] == "open"
            await asyncio.sleep(0.5)
            result = asyncio.create_task(hub.ring("rang"))
            assert json.loads(await socket.recv())["title"] == "rang"
            assert (await result).state == "delivered"
        while hub.phones.listeners.listening(TOPIC):
            await asyncio.sleep(0.01)
        with pytest.raises(websockets.exceptions.InvalidStatus):
            await websockets.connect(uri.replace(TOPIC, "2" * 26), proxy=None)

    run(story)


def test_keepalives_come_while_nothing_happens(run: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ntfy, "KEEPALIVE_SECONDS", 0.02)

    async def story(hub: Served) -> None:
        async with hub.client.stream("GET", f"/{TOPIC}/json") as answer:
            lines = Lines(answer)
            said = [await lines.next() for _ in range(3)]
            assert [each["event"] for each in said] == ["open", "keepalive", "keepalive"]

    run(story)


def test_nobody_from_outside_publishes_or_guesses(run: Any):
    async def story(hub: Served) -> None:
        client = hub.client
        for method in ("PUT", "POST"):
            answer = await client.request(method, f"/{TOPIC}", content="fire")
            assert answer.status_code == 403 and answer.json()["code"] == 40301
        assert (await client.get(f"/{TOPIC}/publish?message=fire")).status_code == 403
        assert await polled(hub) == []
        assert (await client.get(f"/{TOPIC}/auth")).json() == {"success": True}
        unknown = "2" * 26
        for path in (f"/{unknown}/json", f"/{unknown}/auth", f"/{TOPIC},{unknown}/json?poll=1"):
            assert (await client.get(path)).status_code == 403, path
        assert (await client.get("/mytopic/json")).status_code == 404
        assert (await client.get(f"/{TOPIC}/nothing")).status_code == 404
        bad = await client.get(f"/{TOPIC}/json?since=yesterday")
        assert bad.status_code == 400 and "since" in bad.json()["error"]
        assert (await client.get("/v1/health")).json() == {"healthy": True}
        assert (await client.head(f"/{TOPIC}/json")).status_code == 200

    run(story)


def test_a_phone_that_lost_many_connections_is_heard_by_its_newest(run: Any):
    async def story(hub: Served) -> None:
        async with hub.client.stream("GET", f"/{TOPIC}/json") as oldest:
            lines = Lines(oldest)
            await lines.next()
            listeners = [hub.phones.listeners.enter([TOPIC]) for _ in range(MOST_OF_A_TOPIC)]
            with pytest.raises(StopAsyncIteration):
                await lines.next()
            async with hub.client.stream("GET", f"/{TOPIC}/json") as newest:
                lines = Lines(newest)
                await lines.next()
                assert (await hub.ring()).state == "delivered"
            assert [listener and listener.ended for listener in listeners[:2]] == [True, False]


def test_too_many_in_all_are_told_so(run: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("noisetamer.hub.phones.listeners.MOST", 1)

    async def story(hub: Served) -> None:
        hub.phones.listeners.enter([OTHER])
        assert (await hub.client.get(f"/{TOPIC}/json")).status_code == 429

    run(story)


def test_a_phone_that_has_hung_up_is_not_called_delivered(run: Any):
    async def story(hub: Served) -> None:
        reader, writer = await asyncio.open_connection(*hub.address)
        writer.write(f"GET /{TOPIC}/json HTTP/1.1\r\nHost: hub\r\n\r\n".encode())
        await reader.readuntil(b'"open"')
        writer.transport.abort()
        while hub.phones.listeners.listening(TOPIC):
            await asyncio.sleep(0.01)
        assert (await hub.ring()).state == "refused"

    run(story, patience=0.05)


def test_a_phone_that_reads_nothing_holds_nothing_up(run: Any):
    """Its own messages wait on the disk; another's come at once."""

    async def story(hub: Served) -> None:
        reader, writer = await asyncio.open_connection(*hub.address, limit=1024)
        writer.write(f"GET /{TOPIC}/json HTTP/1.1\r\nHost: hub\r\n\r\n".encode())
        await reader.readuntil(b'"open"')
        transport = writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        for n in range(60):
            await hub.ring(f"{n} " + "很长的标题" * 4000)
        async with hub.client.stream("GET", f"/{OTHER}/json") as answer:
            lines = Lines(answer)
            await lines.next()
            result = await hub.ring("one", OTHER, PATIENCE)
            assert result.state == "delivered"
        assert len(await polled(hub)) == 60
        writer.transport.abort()

    run(story, patience=0.01)


def test_a_thousand_idle_phones_harm_nobody(run: Any):
    async def story(hub: Served) -> None:
        # each a topic of its own, as people have
        hub.phones._is_topic = lambda topic: True

        async def listens(n: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection(*hub.address)
            writer.write(f"GET /{name(n)}/json HTTP/1.1\r\nHost: hub\r\n\r\n".encode())
            return reader, writer

        idle = []
        for first in range(0, 1000, MOST_OF_A_TOPIC):
            some = range(first, first + MOST_OF_A_TOPIC)
            idle += await asyncio.gather(*map(listens, some))
        for reader, _ in idle:
            await reader.readuntil(b'"open"')
        async with hub.client.stream("GET", f"/{TOPIC}/json") as answer:
            lines = Lines(answer)
            await lines.next()
            assert (await hub.ring()).state == "delivered"
            assert len(hub.phones.listeners) == 1001
        for _, writer in idle:
            writer.transport.abort()

    run(story)


def name(n: int) -> str:
    """A topic of its own for each number."""
    letters = "abcdefghij"
    return "".join(letters[int(digit)] for digit in f"{n:026d}")
