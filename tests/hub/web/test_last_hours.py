"""What an open page is told of the last hour: each second that became another, and little else."""

import asyncio
import json
import random
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from console import Console
from scripted_unit import START, seconds

from noisetamer.hub.live import UnitState
from noisetamer.hub.people.secrets_kept import csrf_of
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.writer import Store
from noisetamer.hub.web import packed
from noisetamer.hub.web.events import Audience, view
from noisetamer.hub.web.last_hours import LastHours
from noisetamer.hub.wire import Now, Record, Seconds, read_report

# What a phone with 20 boxes took before, of curves alone: each hour, 14.5 kB, every ten seconds.
BEFORE = 29_000
UNITS = 20
MINUTES = 3
# around each part of a stream (RFC 9112, 7.1): two lengths of line ends, and its size
CHUNK = 8


class Square:
    """Boxes that report, a store that keeps it, and a page's view of both."""

    def __init__(self, folder: Path, units: int) -> None:
        self.console = Console(folder)
        self.store = Store(folder / "hub.sqlite")
        self.live = self.console.live
        self.context = self.console.app.state.context
        self.ids = [f"SIM-{n:04}" for n in range(1, units + 1)]
        for id in self.ids:
            self.live.states[id] = UnitState(Unit(id, "", "广场", ""))
        self.seq = 0

    def report(self, id: str, t: int, levels: list[int], flags: int = 0) -> None:
        """In records of ten seconds."""
        records: list[Record] = []
        for first in range(0, len(levels), 10):
            self.seq += 1
            ten = seconds(self.seq, t + first, levels[first : first + 10], flags=flags)
            record = read_report(f"dev.{id}.record", ten)
            assert isinstance(record, Seconds)
            records.append(record)
        self.live.on_stored(self.store.append(0, records))

    @property
    def hours(self) -> LastHours:
        return self.context.last_hours

    def asked(self, id: str, after: str = "") -> dict[str, Any]:
        return dict(self.hours.last_hour(self.live.states[id], after))


@pytest.fixture
def square(tmp_path: Path) -> Iterator[Square]:
    one = Square(tmp_path, 1)
    yield one
    one.store.close()


def put(page: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """A page that had `page`, after what it is told."""
    if "parts" not in told:
        return told
    assert told["after"] == page["mark"]
    levels = dict(enumerate(page["LAeq"], page["t0"]))
    for part in told["parts"]:
        levels.update(enumerate(part["LAeq"], part["t0"]))
    there = range(told["t0"], told["t0"] + told["n"])
    return {"t0": told["t0"], "LAeq": [levels[t] for t in there], "mark": told["mark"]}


def test_what_is_new_is_told_and_nothing_else(square: Square):
    (id,) = square.ids
    for n in range(12):
        square.report(id, START + 10 * n, [500 + n] * 10)
    page = square.asked(id)
    assert (page["t0"], len(page["LAeq"])) == (START, 120)
    assert square.asked(id, page["mark"])["parts"] == []
    square.report(id, START + 120, [600] * 10)
    told = square.asked(id, page["mark"])
    assert [(part["t0"], part["LAeq"]) for part in told["parts"]] == [(START + 120, [600] * 10)]


def test_seconds_that_come_late_reach_a_page_that_has_what_follows_them(square: Square):
    (id,) = square.ids
    for n in (*range(10), 12):
        square.report(id, START + 10 * n, [500] * 10)
    page = square.asked(id)
    assert page["invalid"] == [(START + 100, START + 120, "not received")]
    square.report(id, START + 100, [510] * 20)
    told = square.asked(id, page["mark"])
    assert [(part["t0"], len(part["LAeq"])) for part in told["parts"]] == [(START + 100, 20)]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_in_whatever_order_a_page_that_is_told_what_is_new_is_right(
    square: Square, seed: int
):
    (id,) = square.ids
    chance = random.Random(seed)
    square.report(id, START, [500] * 10)
    pages = [square.asked(id)] * 3
    for _ in range(60):
        # on, back in the hour, and far on: the hour moves and leaves a gap
        t = START + chance.choice([10, 200, 3000, 3590, 4000, 6000]) + chance.randrange(30)
        square.report(id, t, [chance.randrange(400, 800)] * 10, flags=chance.choice([0, 0, 4]))
        page = chance.randrange(len(pages))  # others sleep on
        pages[page] = put(pages[page], square.asked(id, pages[page]["mark"]))
        whole = square.asked(id)
        assert pages[page]["t0"] == whole["t0"] and pages[page]["LAeq"] == whole["LAeq"]


def test_a_mark_of_a_hub_that_was_started_anew_is_told_the_whole(square: Square):
    (id,) = square.ids
    square.report(id, START, [500] * 10)
    mark = square.asked(id)["mark"]
    anew = LastHours(square.live, square.console.queries)
    for after in (mark, "x.1", "nonsense", f"{mark}9", "." * 40):
        told = anew.last_hour(square.live.states[id], after)
        assert told["LAeq"] == [500] * 10


class Phone:
    """Its end of the stream: bytes as they are on the wire, and what they say."""

    def __init__(self) -> None:
        self.bytes = 0
        self._unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def takes(self, part: bytes) -> str:
        self.bytes += len(part) + CHUNK
        return self._unpacker.decompress(part).decode()


def test_a_phone_with_twenty_boxes_takes_a_fiftieth_of_what_it_took(tmp_path: Path):
    square = Square(tmp_path, UNITS)
    chance = random.Random(1)
    for n, id in enumerate(square.ids):
        levels = [chance.randrange(480, 620) for _ in range(3600)]
        square.report(id, START - 3600 - n // 2, levels)
    pages = {id: square.asked(id) for id in square.ids}
    shown = view(square.context, Audience("cards", "zh", "广场", None))

    async def told() -> AsyncIterator[bytes]:
        yield shown.start()
        for second in range(1, 60 * MINUTES + 1):
            t = START + second
            for n, id in enumerate(square.ids):
                level = chance.randrange(480, 620)
                square.live.on_now(Now(id, t, level, 0, "green", 650, False))
                if (second + n // 2) % 10 == 0:
                    square.report(id, t - 10, [chance.randrange(480, 620) for _ in range(10)])
            news = [("card", id) for id in square.ids]
            if second % 5 == 0:
                news += [("curve", id) for id in square.ids if square.hours.stale(id)]
            shown.read(shown.stale(news))
            yield shown.news(news)

    async def look() -> tuple[int, int]:
        phone, first = Phone(), 0
        async for part in packed.stream(told()):
            for event in phone.takes(part).split("\n\n"):
                if event.startswith("event: curve"):
                    news = json.loads(event.split("data: ")[1])
                    pages[news["id"]] = put(pages[news["id"]], news)
            first = first or phone.bytes
        return first, phone.bytes

    first, all = asyncio.run(look())
    for id, page in pages.items():
        assert page["LAeq"] == square.asked(id)["LAeq"]
    square.store.close()
    assert (all - first) / (60 * MINUTES) <= BEFORE / 50


def test_an_hour_is_packed_for_who_takes_it_and_a_page_with_a_secret_for_nobody(tmp_path: Path):
    square = Square(tmp_path, 1)
    chance = random.Random(1)
    levels = [500]
    while len(levels) < 3600:
        levels.append(levels[-1] + chance.randint(-8, 8))
    square.report(square.ids[0], START, levels)

    async def look() -> None:
        transport = httpx.ASGITransport(square.console.app)
        mine = {"session": square.console.secret}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://hub", cookies=mine
        ) as browser:
            address = f"/units/{square.ids[0]}/last-hour"
            plain = await browser.get(address, headers={"accept-encoding": "identity"})
            small = await browser.get(address)
            assert plain.json()["LAeq"] == small.json()["LAeq"]
            assert small.headers["content-encoding"] == "gzip"
            assert int(small.headers["content-length"]) < len(plain.content) / 2.5
            script = await browser.get("/static/curve.js")
            assert script.headers["content-encoding"] == "gzip"
            page = await browser.get("/")
            assert csrf_of(square.console.secret) in page.text
            assert "content-encoding" not in page.headers

    asyncio.run(look())
    square.store.close()
