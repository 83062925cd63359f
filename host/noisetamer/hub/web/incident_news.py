"""Tells open pages that an incident has changed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.live import Listener

# a page that is told asks for all of it: not more often than that
PAUSE_SECONDS = 1.0


class IncidentNews:
    """One of a hub; used in the event loop."""

    def __init__(self, incidents: Incidents) -> None:
        self._ears: set[_Ear] = set()
        incidents.subscribe(self._changed)

    @contextmanager
    def listening(self, incident: int | None) -> Iterator["_Ear"]:
        """To one incident, or to all."""
        ear = _Ear(incident)
        self._ears.add(ear)
        try:
            yield ear
        finally:
            self._ears.discard(ear)

    def _changed(self, ids: set[int]) -> None:
        for ear in self._ears:
            if ear.incident is None or ear.incident in ids:
                ear.told.set()


class _Ear:
    def __init__(self, incident: int | None) -> None:
        self.incident = incident
        self.told = asyncio.Event()

    async def news(self, live: Listener, units: frozenset[str]) -> AsyncIterator[str]:
        """ "changed", "curve" (one of these units has new seconds), or "alive"; until the listener
        is closed.
        """
        queue: asyncio.Queue[str | None] = asyncio.Queue()

        async def listen() -> None:
            async for news in live.news():
                if any(kind == "curve" and unit in units for kind, unit in news):
                    queue.put_nowait("curve")
                elif not news:
                    queue.put_nowait("alive")
            queue.put_nowait(None)

        async def hear() -> None:
            while True:
                await self.told.wait()
                self.told.clear()
                queue.put_nowait("changed")
                await asyncio.sleep(PAUSE_SECONDS)

        tasks = [asyncio.create_task(listen()), asyncio.create_task(hear())]
        try:
            while (what := await queue.get()) is not None:
                yield what
        finally:
            for task in tasks:
                task.cancel()
