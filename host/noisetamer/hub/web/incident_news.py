"""Tells open pages that an incident has changed, or that its boxes have new seconds."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.live import Listener, Live
from noisetamer.hub.web.signs_of_life import SignsOfLife

MOST_PAGES = 1000
# a page that is told asks for all of it: not more often than that
PAUSE_SECONDS = 1.0


class IncidentNews:
    """One of a hub, used in the event loop. All pages together are one listener of `live`."""

    def __init__(self, incidents: Incidents, live: Live) -> None:
        self._incidents = incidents
        self._live = live
        self._ears: set[Ear] = set()
        self._listener: Listener | None = None
        self._task: asyncio.Task[None] | None = None
        incidents.subscribe(self._changed)

    @contextmanager
    def listening(
        self,
        incident: int | None,
        units: frozenset[str],
        squares: frozenset[str] | None = None,
    ) -> Iterator["Ear | None"]:
        """To one incident, or to all of these squares (None: of any), and to new seconds of these
        units; None: too many do."""
        if self._listener is None:
            self._listener = self._live.listen()
            if self._listener:
                self._task = asyncio.create_task(self._listen(self._listener))
        if self._listener is None or len(self._ears) >= MOST_PAGES:
            yield None
            return
        ear = Ear(incident, units, squares)
        self._ears.add(ear)
        try:
            yield ear
        finally:
            self._ears.discard(ear)
            if not self._ears and self._task:
                self._task.cancel()

    def _changed(self, ids: set[int]) -> None:
        where: set[str] | None = None
        for ear in self._ears:
            if ear.squares is not None and where is None:
                found = (self._incidents.one(id) for id in ids)
                where = {one.square for one in found if one}
            if ear.concerns(ids, where or set()):
                ear.tell("changed")

    async def _listen(self, listener: Listener) -> None:
        signs_of_life = SignsOfLife()
        try:
            async for news in listener.news():
                heard = {unit for kind, unit in news if kind == "curve"}
                alive = signs_of_life.due(news)
                for ear in self._ears:
                    if not ear.units.isdisjoint(heard):
                        ear.tell("curve")
                    elif alive:
                        ear.tell("alive")
        finally:
            self._live.leave(listener)
            self._listener = self._task = None
            for ear in self._ears:
                ear.tell("")


class Ear:
    """One page's."""

    def __init__(
        self, incident: int | None, units: frozenset[str], squares: frozenset[str] | None
    ) -> None:
        self.incident = incident
        self.units = units
        self.squares = squares
        self._waiting: set[str] = set()
        self._news = asyncio.Event()

    def concerns(self, ids: set[int], where: set[str]) -> bool:
        """Whether it is told that these have changed. where: their squares."""
        if self.incident is not None:
            return self.incident in ids
        return self.squares is None or not self.squares.isdisjoint(where)

    def tell(self, what: str) -> None:
        """What is new; "": no more follows. Told once, however slow the page."""
        self._waiting.add(what)
        self._news.set()

    async def news(self) -> AsyncIterator[str]:
        """ "changed", "curve" and "alive", until no more follows."""
        while True:
            await self._news.wait()
            self._news.clear()
            told, self._waiting = self._waiting, set()
            if "" in told:
                return
            for what in sorted(told):
                yield what
            if "changed" in told:
                await asyncio.sleep(PAUSE_SECONDS)
