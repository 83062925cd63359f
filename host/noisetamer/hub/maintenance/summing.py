"""Sums up the hours that are over, beside the reports that come."""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing

from noisetamer.hub.ingest import Ingest
from noisetamer.hub.store import roll_ups

LOOK_SECONDS = 20.0
# After a day of a unit (0.3 s), so that a store of years is summed up without anybody's notice.
PAUSE_SECONDS = 1.0


class Summing:
    """Of the store that `ingest` writes."""

    def __init__(self, ingest: Ingest, clock: Callable[[], float] = time.time) -> None:
        """clock: Unix time, s."""
        self._ingest = ingest
        self._clock = clock

    async def run(self) -> None:
        """Look for hours that are over, for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.once()

    async def once(self) -> int:
        """Sum up all that is over; how many hours."""
        before = self._clock() - roll_ups.SETTLED_SECONDS
        count = 0
        connection = await asyncio.to_thread(self._ingest.store.reader)
        with closing(connection):
            found = roll_ups.to_sum_up(connection, before, self._ingest.store.owns)
            while summed := await asyncio.to_thread(next, found, None):
                count += await self._ingest.written(
                    "roll-ups", lambda summed=summed: self._ingest.store.sum_up(summed)
                )
                await asyncio.sleep(PAUSE_SECONDS * len(summed) / 24)
        return count
