"""Packs days that are over, beside the reports that come."""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing

from noisetamer.hub.ingest import Ingest
from noisetamer.hub.store import past_days
from noisetamer.hub.store.packed_day import DAY

LOOK_SECONDS = 1800.0
# Between two days, so that a store of years is packed without anybody's notice.
PAUSE_SECONDS = 0.2


class Packing:
    """Of the store that `ingest` writes."""

    def __init__(self, ingest: Ingest, clock: Callable[[], float] = time.time) -> None:
        """clock: Unix time, s."""
        self._ingest = ingest
        self._clock = clock

    async def run(self) -> None:
        """Look for days that are over, for ever."""
        while True:
            # not at once: a hub that starts has its units' backlog to take
            await asyncio.sleep(LOOK_SECONDS)
            await self.once()

    async def once(self) -> int:
        """Pack all that is over; how many blobs became of it."""
        before = int(self._clock() - past_days.PACKED_AFTER) // DAY * DAY
        count = 0
        connection = await asyncio.to_thread(self._ingest.store.reader)
        with closing(connection):
            days = past_days.to_pack(connection, before, self._ingest.store.owns)
            # Read and packed beside the loop and the writer, which only puts it in place.
            while packed := await asyncio.to_thread(next, days, None):
                await self._ingest.written(
                    "packing", lambda packed=packed: self._ingest.store.pack(packed)
                )
                count += 1
                await asyncio.sleep(PAUSE_SECONDS)
        await self._ingest.written("packing", lambda: self._ingest.store.let_go(before // DAY))
        return count
