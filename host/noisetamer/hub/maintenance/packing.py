"""Packs days and hours that are over, beside the reports that come."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TypeVar

from noisetamer.hub.ingest import Ingest
from noisetamer.hub.store import day_packing, hour_packing, past_days
from noisetamer.hub.store.packed_day import DAY

T = TypeVar("T")

LOOK_SECONDS = 1800.0
# Between two steps, so that a store of years is packed without anybody's notice.
PAUSE_SECONDS = 0.2


class Packing:
    """Of the store that `ingest` writes."""

    def __init__(self, ingest: Ingest, clock: Callable[[], float] = time.time) -> None:
        """clock: Unix time, s."""
        self._ingest = ingest
        self._clock = clock

    async def run(self) -> None:
        """Look for what is over, for ever."""
        while True:
            # not at once: a hub that starts has its units' backlog to take
            await asyncio.sleep(LOOK_SECONDS)
            await self.once()

    async def once(self) -> int:
        """Pack all that is over; how much was put in place."""
        now = self._clock()
        before = int(now - past_days.PACKED_AFTER) // DAY * DAY
        store = self._ingest.store
        connection = await asyncio.to_thread(store.reader)
        with closing(connection):
            # Read and packed beside the loop and the writer, which only puts it in place.
            count = await self._put(
                day_packing.to_pack(connection, before, store.owns), store.pack
            )
            count += await self._put(
                hour_packing.to_pack(connection, now, before // DAY, store.owns), store.pack_hours
            )
        await self._ingest.written("packing", lambda: store.let_go(before // DAY))
        return count

    async def _put(self, found: Iterator[T], put: Callable[[T], int]) -> int:
        count = 0
        while packed := await asyncio.to_thread(next, found, None):
            count += await self._ingest.written("packing", lambda packed=packed: put(packed))
            await asyncio.sleep(PAUSE_SECONDS)
        return count
