"""Tells the units the time: a box has no clock that outlives power, and maybe no other way to it.

What makes the word worth something is the connection: the box has proved by TLS whose it is.
"""

import asyncio
import time
from collections.abc import Callable, Iterable

from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.store.writer import Stored
from tamer.record.reading import is_dated

HOUR = 3600.0
# A command may get lost: while a unit's records show that it does not know the time, again.
AGAIN_SECONDS = 60.0


class TimeTeller:
    """Of all units; `on_stored` is a subscriber of `Ingest`."""

    def __init__(
        self,
        commands: Commands,
        online: Iterable[str],
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """online: the units that are connected. clock: the hub's, Unix s; monotonic: s."""
        self._commands = commands
        self._clock = clock
        self._monotonic = monotonic
        self._online = set(online)
        self._due: set[str] = set()
        self._told: dict[str, float] = {}
        self._all_at = monotonic()

    def on_stored(self, stored: Stored) -> None:
        """Take in who came, who went, and who does not know the time."""
        for status in stored.statuses:
            if status.online:
                self._online.add(status.unit)
                self._due.add(status.unit)
            else:
                self._online.discard(status.unit)
        now = self._monotonic()
        for record in stored.fresh:
            told = self._told.get(record.unit, float("-inf"))
            if not is_dated(record.t) and now - told >= AGAIN_SECONDS:
                self._due.add(record.unit)

    async def run(self) -> None:
        """Tell it, until cancelled: whole seconds, so at the turn of one."""
        while True:
            await asyncio.sleep(1 - self._clock() % 1)
            await self.tell()

    async def tell(self) -> None:
        """Tell it to whom it is due, and hourly to all that are connected."""
        now = self._monotonic()
        due, self._due = self._due, set()
        if now >= self._all_at:
            self._all_at = now + HOUR
            due |= self._online
        for unit in sorted(due):
            self._told[unit] = now
            await self._commands.time(unit, round(self._clock()))
