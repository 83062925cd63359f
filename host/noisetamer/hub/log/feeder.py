"""Feeds the log: whatever the hub stored, decided or deleted becomes a leaf, each once.

In a thread of its own. What cannot be written is tried again by upkeep, and nothing waits for it:
every source is read behind a watermark.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from noisetamer import __version__
from noisetamer.hub.log import batches, doings
from noisetamer.hub.log.batches import Boot
from noisetamer.hub.log.log import Log
from noisetamer.hub.store.soundness import STORE
from noisetamer.hub.store.writer import Stored
from noisetamer.hub.trouble import Trouble
from noisetamer.hub.wire import Event

LOOK_SECONDS = 5.0
CHECKPOINT_SECONDS = 60.0
USUAL_SECONDS = 600.0
"""A unit's records are in a leaf so long after the first that is in none."""
SOON_SECONDS = 60.0
"""So long after one of these."""
SOON = ("stage", "warning", "outcome", "hand-over")
# Contents about people: as long as what was decided may be contested.
CONTENT_DAYS = 730
ABOUT_PEOPLE = ("incident", "policy", "order", "effect", "look")
_DAY = 86_400

T = TypeVar("T")
_log = logging.getLogger("noisetamer.hub")


def flush(log: Log, data: Path, units: Iterable[str]) -> None:
    """Put all that these units told, and all that was done, into leaves now. From any process,
    beside the hub in `data` or without one."""
    batches.flush(log, data / STORE, units)
    doings.follow(log, data, to_the_end=True)


class Feeder:
    """Of the hub in `data`."""

    def __init__(self, data: Path, log: Log, clock: Callable[[], float] = time.time) -> None:
        """clock: Unix s."""
        self.log = log
        self._data = data
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "log")
        self._subscribers: list[Callable[[str], None]] = []
        # {boot of a unit: it has records that may be in no leaf}, {unit: when they are due}
        self._open: set[Boot] = set()
        self._due: dict[str, float] = {}
        # of the two above: the loop adds to them, the thread takes from them
        self._lock = threading.Lock()
        self._begun = False
        self._signed: str | None = None
        self._checked = 0.0
        self._swept = 0.0

    def subscribe(self, callback: Callable[[str], None]) -> None:
        """Called in the loop with each new checkpoint."""
        self._subscribers.append(callback)

    def on_stored(self, stored: Stored) -> None:
        """A subscriber of `Ingest`."""
        with self._lock:
            for ack in stored.acks:
                self._open.add((ack.unit, ack.boot))
                self._due.setdefault(ack.unit, stored.received + USUAL_SECONDS)
            for record in stored.fresh:
                if isinstance(record, Event) and record.kind in SOON:
                    due = stored.received + SOON_SECONDS
                    self._due[record.unit] = min(due, self._due.get(record.unit, due))

    def troubles(self) -> Iterable[Trouble]:
        """What was wrong with the log when this hub began."""
        yield from self.log.mended

    async def run(self) -> None:
        """Begin, then feed, for ever."""
        await self._do(self.begin)
        while True:
            more = await self._do(self.turn)
            if self._clock() - self._checked >= CHECKPOINT_SECONDS:
                await self.checkpoint()
            if not more:
                await asyncio.sleep(LOOK_SECONDS)

    async def checkpoint(self) -> str:
        """All that has happened is in leaves, and signed: the note."""
        note = await self._do(self._sign)
        if note != self._signed:
            self._signed = note
            for callback in self._subscribers:
                callback(note)
        return note

    def close(self) -> None:
        """Wait for what is under way; what is not in a leaf will be with the next start."""
        self._thread.shutdown(cancel_futures=True)
        self.log.close()

    # In the log's thread

    def begin(self) -> None:
        if self._begun:
            return
        last = self.log.newest()
        for one in self.log.mended:
            told = ", ".join(f"{name} {value}" for name, value in one.values.items())
            _log.warning("The log was not as it was left (%s): %s", one.key, told)
        start = {"kind": "start", "why": "started", "version": __version__}
        self.log.append([{**start, "origin": self.log.origin, "checkpoint": last}])
        self._begun = True
        self._put_off(batches.open_boots(self.log, self._data / STORE))

    def turn(self) -> bool:
        """Whether there is more to do at once."""
        more = doings.follow(self.log, self._data)
        now = self._clock()
        with self._lock:
            due = {unit for unit, at in self._due.items() if at <= now}
            boots = {boot for boot in self._open if boot[0] in due}
            # before the store is read: what comes meanwhile is due again
            self._open -= boots
            for unit in due:
                del self._due[unit]
        left = boots
        try:
            if boots:
                left = batches.take(self.log, self._data / STORE, sorted(boots))
        finally:
            self._put_off(left)
        if now - self._swept >= _DAY:
            self._swept = now
            self._sweep(now)
        return more or bool(left)

    def _put_off(self, boots: Iterable[Boot]) -> None:
        """They are to be looked at, in the next turn."""
        with self._lock:
            for boot in boots:
                self._open.add(boot)
                self._due[boot[0]] = 0.0

    def _sign(self) -> str:
        self._checked = self._clock()
        return self.log.checkpoint()

    def _sweep(self, now: float) -> None:
        """Delete contents whose time is over."""
        marks = ",".join("?" * len(ABOUT_PEOPLE))
        old = self.log.rows(
            f"SELECT n FROM leaf WHERE kind IN ({marks}) AND kind!='batch' AND at<?"
            " AND content IS NOT NULL",
            *ABOUT_PEOPLE,
            int(now) - CONTENT_DAYS * _DAY,
        )
        if old:
            self.log.forget([n for (n,) in old], "time")

    async def _do(self, what: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, what)
