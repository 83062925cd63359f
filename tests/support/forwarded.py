"""What is forwarded, without a broker or a wall clock: a real store and a real queue, and a format
that takes, refuses or hangs as a test says.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

from evening import EAST, SQUARES, Evening
from scripted_unit import event, seconds

from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Asked, Format, Sent, Unit
from noisetamer.hub.forward.gather import Gatherer
from noisetamer.hub.forward.queue import Queue
from noisetamer.hub.forward.worker import Worker
from noisetamer.hub.wire import Record, Status, read_report

MINUTES = Asked("bureau", "test", ("minute",))


def units() -> Mapping[str, Unit]:
    return {id: Unit(id, f"box {id[-1]}", square) for id, square in SQUARES.items()}


class Forwarded:
    """A hub's folder in which units report. now: Unix s."""

    def __init__(
        self, folder: Path, *wanted: Asked, most: int = 100_000, queue_in: Path | None = None
    ) -> None:
        self.folder = folder
        self.evening = Evening(folder)
        self.now = self.evening.now
        self.wanted = wanted or (MINUTES,)
        self.queue = Queue((queue_in or folder) / "forward.sqlite", most)
        self.queue.begin([one.name for one in self.wanted])
        self.begin()

    def begin(self) -> None:
        """As a hub that starts."""
        self.gatherer = Gatherer(self.folder, self.queue, units, 8.0)
        self.gatherer.turn(self.wanted, self.now)

    def report(self, *bodies: bytes, unit: str = EAST, at: float | None = None) -> None:
        """Messages of a unit that come now, or at another time."""
        reports = [read_report(f"dev.{unit}.record", body) for body in bodies]
        records = [one for one in reports if isinstance(one, Record)]
        self.evening.store.append(self.now if at is None else at, records)

    def status(self, online: bool, unit: str = EAST) -> None:
        told = read_report(
            f"dev.{unit}.status", b'{"v":1,"online":%s}' % str(online).lower().encode()
        )
        assert isinstance(told, Status)
        self.evening.store.append(self.now, [told])

    def minute(
        self, number: int, first: int, level: int = 600, unit: str = EAST, **how: Any
    ) -> None:
        """60 s from minute `number` of the evening on, in six records from sequence `first`; they
        come as they are made."""
        begin = self.evening_begins + 60 * number
        for part in range(6):
            t = begin + 10 * part
            self.now = max(self.now, t + 11.0)
            self.report(seconds(first + part, t, [level] * 10, **how), unit=unit)

    @property
    def evening_begins(self) -> int:
        return int(self.evening.now)

    def gather(self, later: float = 0.0) -> None:
        self.now += later
        while self.gatherer.turn(self.wanted, self.now):
            pass

    def waiting(self, asked: Asked | None = None, most: int = 10_000) -> list[Fact]:
        return self.queue.next(asked or self.wanted[0], most).facts


class Recorder(Format):
    """taken: what it has; answer: what becomes of facts, by default it takes them."""

    def __init__(self, answer: Callable[[Sequence[Fact]], Any] | None = None) -> None:
        self.taken: list[Fact] = []
        self.asked: list[int] = []
        self.closed = 0
        self._answer = answer

    async def send(self, facts: Sequence[Fact]) -> Sent:
        self.asked.append(len(facts))
        answered = self._answer(facts) if self._answer else None
        if asyncio.iscoroutine(answered):
            answered = await answered
        if isinstance(answered, Sent):
            self.taken += [one for n, one in enumerate(facts) if n not in answered.refused]
            return answered
        self.taken += facts
        return Sent(len(facts))

    async def check(self) -> str:
        return "is there"

    async def close(self) -> None:
        self.closed += 1


class Clock:
    """Time that goes on by sleeping only. now: Unix s."""

    def __init__(self, now: float = 1_795_431_600.0) -> None:
        self.now = now
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def worker(hub: Forwarded, format: Format, clock: Clock, asked: Asked = MINUTES) -> Worker:
    """Of a hub in virtual time, with pauses by seeded chance."""
    thread = ThreadPoolExecutor(1)
    return Worker(
        asked, format, hub.queue, thread, lambda: clock.now, clock.sleep, Random(asked.name)
    )


__all__ = ["Clock", "Forwarded", "Recorder", "event", "seconds", "units", "worker"]
