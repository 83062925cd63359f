"""What all open pages are told: made once for each audience, and bounded for each page."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from console import Console
from heartbeats import heartbeat
from waiting import DEADLINE

from noisetamer.hub.incidents.incident import Incident
from noisetamer.hub.live import UnitState
from noisetamer.hub.registry import Unit
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.web import broadcast, events, view_model
from noisetamer.hub.web.broadcast import Broadcast, OpenPage
from noisetamer.hub.web.events import Audience
from noisetamer.hub.web.views import View
from noisetamer.hub.wire import Now

SQUARES = ("东门广场", "和平广场")


@pytest.fixture(autouse=True)
def only_news(monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat(monkeypatch, DEADLINE)


class Town:
    """Four boxes in two squares, and the pages that are open."""

    def __init__(self, folder: Path) -> None:
        console = Console(folder)
        self.live, self.incidents = console.live, console.incidents
        self.context = console.app.state.context
        for n in range(4):
            unit = Unit(f"SIM-{n}", "", SQUARES[n // 2], "")
            self.live.states[unit.id] = UnitState(unit)
        self.broadcast = Broadcast[Audience](self.live, self.view, lambda one: one.sees)
        self.made = Counter[Audience]()

    def view(self, audience: Audience) -> View:
        self.made[audience] += 1
        return events.view(self.context, audience)

    def open(self, *audience: object) -> "Reader":
        key = Audience(*audience)  # pyright: ignore[reportArgumentType]
        page = self.broadcast.open(key)
        assert page
        return Reader(page)

    def now(self, n: int, level: int, stage: str = "green") -> None:
        self.live.on_now(Now(f"SIM-{n}", 1795431600, level, 0, stage, 650, False))


class Reader:
    """A browser at its end."""

    def __init__(self, page: OpenPage) -> None:
        self._parts = page.parts()

    async def part(self) -> bytes:
        return await asyncio.wait_for(anext(self._parts), DEADLINE)

    async def events(self) -> list[tuple[str, dict[str, object]]]:
        """(event, data) of one part."""
        return list(_events((await self.part()).decode()))


def _events(text: str) -> Iterable[tuple[str, dict[str, object]]]:
    for each in text.split("\n\n"):
        if each.startswith("event: "):
            name, data = each.split("\n")
            yield name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_a_change_is_put_into_words_once_for_a_hundred_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    made = Counter[str]()
    really = view_model.card

    def counted(state: UnitState, *others: object) -> view_model.Card:
        made[state.unit.id] += 1
        return really(state, *others)  # pyright: ignore

    monkeypatch.setattr(view_model, "card", counted)

    async def look() -> None:
        town = Town(tmp_path)
        pages = [town.open("cards", "zh", None, None) for _ in range(100)]
        first = [await page.part() for page in pages]
        assert len(set(first)) == 1
        assert made == {f"SIM-{n}": 1 for n in range(4)}
        town.now(1, 683, "red")
        told = [await page.part() for page in pages]
        assert all(part is told[0] for part in told) or len(set(told)) == 1
        assert made["SIM-1"] == 2 and made.total() == 5
        assert town.made.total() == 1

    asyncio.run(look())


def test_a_page_is_told_what_is_new_of_a_card_and_no_more(tmp_path: Path):
    async def look() -> None:
        town = Town(tmp_path)
        town.now(0, 600)
        page = town.open("cards", "en", None, None)
        await page.part()
        town.now(0, 612)
        ((name, new),) = await page.events()
        assert (name, new) == (
            "card",
            {"id": "SIM-0", "number": "61.2", "difference": "3.8 dB below"},
        )

    asyncio.run(look())


def test_each_sees_its_own_squares_only_whatever_is_asked_for(tmp_path: Path):
    async def look() -> None:
        town = Town(tmp_path)
        own = frozenset(SQUARES[:1])
        leader = town.open("cards", "zh", None, own)
        told = await leader.events()
        assert [data["id"] for name, data in told if name == "card"] == ["SIM-0", "SIM-1"]
        nothing, summary = await town.open("cards", "zh", SQUARES[1], own).events()
        assert (nothing, summary[0]) == (("all", {"ids": []}), "summary")
        rows = await town.open("squares", "zh", None, own).events()
        assert [data["id"] for name, data in rows if name == "square"] == [SQUARES[0]]
        town.now(3, 683, "red")
        town.now(0, 600)
        ((_, data), *_) = await leader.events()
        assert data["id"] == "SIM-0"
        # it is moved to another square
        town.live.states["SIM-0"].unit = Unit("SIM-0", "", SQUARES[1], "")
        town.live._tell("card", "SIM-0", at_once=True)
        assert ("gone", {"id": "SIM-0"}) in await leader.events()

    asyncio.run(look())


def test_a_page_hears_that_the_hub_is_there_while_only_other_squares_have_news(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    heartbeat(monkeypatch, 1.0)

    async def look() -> None:
        town = Town(tmp_path)
        page = town.open("cards", "en", SQUARES[0], None)
        await page.part()

        async def elsewhere() -> None:
            while True:
                town.now(3, 600)
                await asyncio.sleep(0.2)

        busy = asyncio.create_task(elsewhere())
        # a page that hears nothing for 7 s says that the hub is lost
        assert await asyncio.wait_for(page.events(), DEADLINE) == [("alive", {})]
        busy.cancel()

    asyncio.run(look())


def test_a_square_is_its_worst_box_and_goes_when_its_last_does(tmp_path: Path):
    async def look() -> None:
        town = Town(tmp_path)
        for n, level in enumerate((600, 683, 500, 510)):
            town.now(n, level, "red" if level > 650 else "green")
        page = town.open("squares", "en", None, None)
        told = dict((data.get("id"), data) for _, data in await page.events())
        assert told[SQUARES[0]]["number"] == "68.3"
        assert (told[SQUARES[0]]["where"], told[SQUARES[0]]["boxes"]) == ("SIM-1", "2 boxes")
        assert told[SQUARES[1]]["number"] == "51.0"
        assert told[None]["text"] == "1 of 2 over the limit: 东门广场"
        town.live.states["SIM-1"].stale = True
        town.live._tell("card", "SIM-1", at_once=True)
        news = dict(await page.events())
        assert news["square"]["number"] == "60.0"
        assert news["square"]["boxes"] == "2 boxes, 1 not known"
        for id in ("SIM-2", "SIM-3"):
            del town.live.states[id]
            town.live._tell("gone", id, at_once=True)
        assert ("gone", {"id": SQUARES[1]}) in await page.events()

    asyncio.run(look())


def test_a_page_that_reads_slowly_is_told_anew_how_things_stand(tmp_path: Path):
    async def look() -> None:
        town = Town(tmp_path)
        page = town.broadcast.open(Audience("cards", "zh", None, None))
        assert page
        reader = Reader(page)
        await reader.part()
        for _ in range(5):
            page.tell(bytes(broadcast.MOST_WAITING // 4))
        assert (await reader.part()).startswith(b"retry: ")

    asyncio.run(look())


def test_after_a_while_a_page_asks_anew_and_is_looked_at_as_whoever_it_is_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(broadcast, "STREAM_SECONDS", 0.0)

    async def look() -> None:
        page = Town(tmp_path).open("cards", "zh", None, None)
        assert (await page.part()).startswith(b"retry: ")
        assert await page.part() == b"event: again\ndata: {}\n\n"
        with pytest.raises(StopAsyncIteration):
            await page.part()

    asyncio.run(look())


def test_news_of_cards_wait_for_no_curve_that_is_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    reading, read_on = threading.Event(), threading.Event()
    really = Queries.last_seconds

    def slow(self: Queries, unit: str, *others: Any) -> Any:
        reading.set()
        assert read_on.wait(DEADLINE)
        return really(self, unit, *others)

    async def look() -> None:
        town = Town(tmp_path)
        town.context.last_hours.last_hour(town.live.states["SIM-0"])
        monkeypatch.setattr(Queries, "last_seconds", slow)
        pages = [town.open(of, "en", SQUARES[0], None) for of in ("cards", "squares")]
        for page in pages:
            await page.part()
        try:
            # while somebody's own question is under way, too
            asked = asyncio.to_thread(town.context.last_hours.last_hour, town.live.states["SIM-1"])
            answer = asyncio.create_task(asked)
            assert await asyncio.to_thread(reading.wait, DEADLINE)
            town.live.states["SIM-0"].stored += 1
            for kind, id in (("curve", "SIM-1"), ("curve", "SIM-0"), ("card", "SIM-0")):
                town.live._tell(kind, id, at_once=True)
            town.now(0, 683, "red")
            for page, name in zip(pages, ("card", "square"), strict=True):
                told = await page.events()
                assert name in dict(told)
                assert ("curve", {"id": "SIM-0"}) not in told
            town.live._tell("curve", "SIM-1", at_once=True)
            assert ("curve", {"id": "SIM-1"}) in await pages[0].events()
        finally:
            read_on.set()
        await answer
        told = await pages[0].events()
        assert told[0][0] == "curve" and told[0][1]["id"] == "SIM-0"

    asyncio.run(look())


def test_too_many_pages_are_refused_and_one_that_cannot_be_told_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(broadcast, "MOST_PAGES", 2)

    async def look() -> None:
        town = Town(tmp_path)
        key = Audience("cards", "zh", None, None)
        pages = [town.broadcast.open(key) for _ in range(3)]
        assert [page is None for page in pages] == [False, False, True]
        assert pages[0] and pages[1]
        reader = Reader(pages[0])
        await reader.part()
        monkeypatch.setattr(View, "news", None)
        town.now(0, 600)
        with pytest.raises(StopAsyncIteration):
            await reader.part()
        assert not town.live.watched
        for page in filter(None, pages):
            town.broadcast.leave(key, page)
        assert town.broadcast.open(key)

    asyncio.run(look())


def test_what_goes_on_and_who_sees_to_it_is_told_to_whoever_sees_that_square(tmp_path: Path):
    async def look() -> None:
        town = Town(tmp_path)
        going_on = town.context.going_on
        watching = asyncio.create_task(going_on.run())
        found: list[Incident] = []

        async def becomes(*incidents: Incident) -> None:
            found[:] = incidents
            going_on._changed.set()

        town.incidents.open = lambda: list(found)
        page = town.open("squares", "en", None, None)
        other = town.open("cards", "en", SQUARES[1], None)
        here = town.open("cards", "en", SQUARES[0], None)
        for each in (page, other, here):
            await each.part()
        opened = Incident(7, SQUARES[0], "noise", "open", ("SIM-0",), 1795431600.0)
        await becomes(opened)
        told = dict(await page.events())["square"]
        assert (told["id"], told["state"]) == (SQUARES[0], "open")
        assert told["incident"] == "Too loud since 19:00: nobody sees to it yet"
        assert dict(await here.events())["incident"]["state"] == "open"
        await becomes(replace(opened, state="acknowledged", acknowledged_by="wang"))
        assert "wang sees to it" in str(dict(await page.events())["square"]["incident"])
        assert dict(await here.events())["incident"]["state"] == "acknowledged"
        again = town.open("cards", "en", SQUARES[0], None)
        assert dict(await again.events())["incident"]["address"] == "/incidents/7"
        await becomes()
        nothing = {"square": SQUARES[0], "state": "", "text": "", "address": ""}
        assert dict(await again.events())["incident"] == nothing
        watching.cancel()

    asyncio.run(look())
