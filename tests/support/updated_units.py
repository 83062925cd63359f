"""A hub that rolls something out to modelled units, in virtual time: its state machine, its orders
and both files are the real ones; units, their links and the clock are not.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from noisetamer.hub.orders.ledger import Ledger
from noisetamer.hub.orders.orders import Orders
from noisetamer.hub.store.queries import News
from noisetamer.hub.updates import loads, rollout
from noisetamer.hub.updates.loads import Body, Load
from noisetamer.hub.updates.updates import Running, Sources, Updates
from tamer.record import orders as wire

NOW = 1_795_431_600.0
KEY = "k" * 43
STEP_SECONDS = 60.0

GOOD, BACK, SILENT = "good", "goes back", "never comes back"
"""What a release does to a unit."""


@dataclass
class Unit:
    """One box. fate: what the release does to it; online: whether it has a link; got: how often
    it was given the release; running: its number."""

    id: str
    square: str
    fate: str = GOOD
    online: bool = True
    running: int = 1
    got: int = 0
    taken: set[int] = field(default_factory=set)
    plan: list[tuple[float, Callable[[], None]]] = field(default_factory=list)


class Fleet:
    """`now` is passed on by `pass_on`; a hub that is `killed` is gone between two steps of it."""

    def __init__(self, folder: Path, squares: dict[str, str], seed: int = 1) -> None:
        """squares: {unit: its square}."""
        self.folder = folder
        self.units = {id: Unit(id, square) for id, square in squares.items()}
        self.now = NOW
        self.loud: set[str] = set()
        self.news: list[News] = []
        self.audited: list[tuple[Any, ...]] = []
        self.given: list[tuple[str, int]] = []
        self.most_under_way = 0
        self._chance = random.Random(seed)
        self.start()

    def start(self) -> None:
        """The hub, as it lies in its files."""
        self.orders = Orders(
            Ledger(self.folder / "orders.sqlite"),
            self._publish,
            lambda unit: KEY,
            lambda *told: self.audited.append(told),
            lambda unit: self.units[unit].online,
            self._feed,
            lambda: self.now,
        )
        self.updates = self.updates_of()

    def updates_of(self, several: bool = False) -> Updates:
        """At the same files. several: as one of several hubs."""
        return Updates(
            self.folder / "updates.sqlite",
            self.orders,
            Sources(
                units=lambda: {unit.id: unit.square for unit in self.units.values()},
                online=lambda: {unit.id for unit in self.units.values() if unit.online},
                loud=lambda: self.loud,
                runs=lambda units: {id: Running(self.units[id].running) for id in units},
                feed=self._feed,
                feed_end=lambda: len(self.news),
                audit=lambda *told: self.audited.append(told),
            ),
            clock=lambda: self.now,
            several=several,
        )

    def stop(self) -> None:
        self.updates.close()
        self.orders.close()

    async def ask(self, what: str, **fields: Any) -> None:
        """As an operator does. Raises UserError where it cannot be."""
        await self.updates.ask("wei", "operator", what, fields)

    async def push(self, number: int = 2, **more: Any) -> None:
        """Roll a release out."""
        text = b"release %d" % number
        with self.updates._book.transaction():
            digest = self.updates._book.keep(text)
        fields = {"message": "new"}
        load = Load("voice", f"release {number}", (Body("", fields, digest, len(text)),), number)
        asked = {"load": loads.to_fields(load), "reason": "it is Tuesday", "sizes": (1, 10, 100)}
        await self.ask("push", **{**asked, "seed": 7, **more})

    async def pass_on(self, seconds: float = STEP_SECONDS) -> None:
        """Let time pass; units live, and the hub does what is due."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + STEP_SECONDS)
            for unit in self.units.values():
                due = [what for at, what in unit.plan if at <= self.now]
                unit.plan = [(at, what) for at, what in unit.plan if at > self.now]
                for what in due:
                    what()
            await self.turn()

    async def turn(self) -> None:
        """The hub does what is due."""
        await self.orders.turn()
        await self.updates.turn()
        await self.orders.turn()
        under_way = [u for u in self.state().units.values() if u.state in rollout.UNDER_WAY]
        self.most_under_way = max(self.most_under_way, len(under_way))
        # never two of one square
        assert len({one.square for one in under_way}) == len(under_way)

    async def until(self, state: str, hours: float = 100) -> None:
        """Until the roll-out is in that state. Raises AssertionError after so many hours."""
        end = self.now + 3600 * hours
        while self.state().state != state:
            assert self.now < end, (self.state().state, self.counts())
            await self.pass_on()

    def state(self) -> rollout.State:
        current = self.updates.current()
        return current.state if current else rollout.State({})

    def counts(self) -> dict[str, int]:
        """{state of a unit: how many are in it}."""
        found: dict[str, int] = {}
        for unit in self.state().units.values():
            found[unit.state] = found.get(unit.state, 0) + 1
        return found

    def tell(self, id: str, kind: str, **fields: Any) -> None:
        """A unit's event comes to the hub."""
        seq = len(self.news) + 1
        self.news.append(News(seq, self.now, id, kind, 1, seq, int(self.now), fields))

    def _feed(self, after: int, most: int) -> list[News]:
        return self.news[after : after + most]

    async def _publish(self, subject: str, body: bytes) -> None:
        _, id, what = subject.split(".")
        unit = self.units[id]
        if what != "order" or not unit.online:
            return
        order = wire.opened(KEY, id, body)
        assert order, "signed by another"
        if order["n"] not in unit.taken:
            unit.taken.add(order["n"])
            self._take(unit, order)

    def _take(self, unit: Unit, order: dict[str, Any]) -> None:
        n, verb = order["n"], order["verb"]
        unit.got += 1
        self.given.append((unit.id, n))
        load = self._chance.uniform(30, 300)
        trial = self._chance.uniform(60, 600)

        def tell(result: str, **more: Any) -> Callable[[], None]:
            return lambda: self.tell(unit.id, "order", n=n, verb=verb, result=result, **more)

        def link(up: bool) -> Callable[[], None]:
            return lambda: setattr(unit, "online", up)

        def begun() -> None:
            unit.online, unit.running = True, 2
            self.tell(unit.id, "boot", release=2)

        begin = self.now + load
        unit.plan.append((self.now + 1, tell("taken")))
        unit.plan.append((begin, link(False)))
        if unit.fate == SILENT:
            return
        if unit.fate == GOOD:
            unit.plan.append((begin + 20, begun))
            unit.plan.append((begin + 20 + trial, tell("done")))
        else:
            unit.plan.append((begin + 620, link(True)))
            unit.plan.append((begin + 621, tell("refused", why="failed", detail="no sound")))


def squares(boxes: int, chance: random.Random) -> dict[str, str]:
    """So many boxes, in squares of one to four."""
    found: dict[str, str] = {}
    while len(found) < boxes:
        square = f"S{len(found)}"
        for _ in range(min(boxes - len(found), chance.choice((1, 1, 2, 2, 3, 4)))):
            found[f"NT-{len(found)}"] = square
    return found


@contextmanager
def fleet(folder: Path, of: dict[str, str], seed: int = 1) -> Iterator[Fleet]:
    """Ended at the end."""
    made = Fleet(folder, of, seed)
    try:
        yield made
    finally:
        made.stop()


def live(story: Callable[[], Awaitable[None]]) -> None:
    """In a loop of its own."""

    async def lived() -> None:
        await story()

    asyncio.run(lived())


def told(entry: Any) -> str:
    """For a failing assertion."""
    return json.dumps(entry, default=str)
