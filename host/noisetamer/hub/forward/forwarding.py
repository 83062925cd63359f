"""All forwarding of one hub: what is gathered, and a worker for each destination."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from noisetamer.base.errors import UserError
from noisetamer.hub.forward import destinations
from noisetamer.hub.forward.destinations import Settings
from noisetamer.hub.forward.format import Around, Asked
from noisetamer.hub.forward.gather import Gatherer
from noisetamer.hub.forward.queue import Queue, Refusal, Standing
from noisetamer.hub.forward.schema import FILE
from noisetamer.hub.forward.worker import State, Worker
from noisetamer.hub.store.writer import Stored
from noisetamer.hub.trouble import Trouble

LOOK_SECONDS = 2.0
TRIM_SECONDS = 60.0
SET_SECONDS = 3600.0
"""A clock that was set by less makes no fact too old."""
SAVED_SECONDS = 5.0
"""A file that names a destination no more is believed when it has stayed so for so long: while it
is saved it may be empty, or not there, and what waits for a destination goes with its name."""
AWAY_SECONDS = 900.0
"""After so long in vain, those who keep the fleet read of it."""
COUNTING = 20
"""Of so much time one part at most is for counting what waits."""
LOST_SECONDS = 7 * 86400.0

T = TypeVar("T")
_log = logging.getLogger("noisetamer.hub")


@dataclass(frozen=True)
class Shown:
    """One destination, for people and figures. state: None where it is disabled or its format
    cannot be made; fault: why then."""

    asked: Asked
    standing: Standing | None
    state: State | None
    fault: str = ""


class Forwarding:
    """Of one hub: does nothing, and opens nothing, until there is a forward.toml."""

    def __init__(
        self,
        around: Around,
        by_their_clocks: bool = False,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """by_their_clocks: as of `Gatherer`; steady: s of a clock that nobody sets."""
        self._around = around
        self._by_their_clocks = by_their_clocks
        self._clock = clock
        self._steady = steady
        self._clocks = clock(), steady()
        self._thread = ThreadPoolExecutor(1, "forward")
        self._queue: Queue | None = None
        self._gatherer: Gatherer | None = None
        self._settings = Settings()
        self._stamp: tuple[int, int] | None = None
        self._shorter: tuple[tuple[int, int], float] | None = None
        self._fault = ""
        self._not_gathered = ""
        self._faults: dict[str, str] = {}
        self._workers: dict[str, Worker] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._standing: dict[str, Standing | None] = {}
        self._news = asyncio.Event()
        self.at_work = False
        """In a city another hub may be the one that forwards."""
        self._trimmed = float("-inf")
        self._stand_after = 0.0

    # -- for others

    def on_stored(self, stored: Stored) -> None:
        """A subscriber of `Ingest`."""
        if self._queue is not None:
            self._news.set()

    def shown(self) -> list[Shown]:
        """All destinations, in the order of the file, as they stood a few seconds ago."""
        return [
            Shown(
                asked,
                self._standing.get(asked.name),
                _state(worker) if (worker := self._workers.get(asked.name)) else None,
                self._faults.get(asked.name, ""),
            )
            for asked in self._settings.all
        ]

    @property
    def fault(self) -> str:
        """Why forward.toml cannot be read, or not all of it; "" where it can."""
        return self._fault

    async def refusals(self, name: str, most: int = 20) -> list[Refusal]:
        """What it refused, the newest first."""
        queue = self._queue
        return [] if queue is None else await self._do(queue.refusals, name, most)

    def try_now(self, name: str) -> bool:
        """Whatever pause is under way; whether there is such a destination at work."""
        worker = self._workers.get(name)
        if worker:
            worker.try_now()
        return worker is not None

    def troubles(self) -> Iterator[Trouble]:
        """For `Health.watch`. A platform that is away makes no hub ill."""
        now = self._clock()
        if self._fault:
            yield Trouble("forward_settings", {"what": self._fault}, ill=False)
        if self._not_gathered:
            yield Trouble("forward_gathering", {"what": self._not_gathered})
        for one in self.shown():
            name = one.asked.name
            if one.fault:
                yield Trouble("forward_fault", {"name": name, "what": one.fault}, ill=False)
            since = one.state.since if one.state else None
            if since is not None and now - since >= AWAY_SECONDS:
                assert one.state
                hours = f"{(now - since) / 3600:.1f}"
                values = {"name": name, "what": one.state.failing, "hours": hours}
                yield Trouble("forward_away", values, ill=False)
            lost = one.standing and one.standing.last_lost
            if lost and now - lost < LOST_SECONDS:
                assert one.standing
                values = {"name": name, "count": str(one.standing.lost)}
                yield Trouble("forward_lost", values, ill=False)

    # -- at work

    async def run(self) -> None:
        """Gather and send, until cancelled."""
        self.at_work = True
        try:
            while True:
                self._news.clear()
                if not await self._turn():
                    try:
                        await asyncio.wait_for(self._news.wait(), LOOK_SECONDS)
                    except TimeoutError:
                        continue
                    # what belongs together comes together
                    await asyncio.sleep(0.2)
        finally:
            self.at_work = False
            await self._end(list(self._workers))
            # begun again, it takes all of them up again
            self._settings, self._stamp = Settings(), None

    async def _turn(self) -> bool:
        """As `turn`. What cannot be gathered now keeps nothing from being sent."""
        try:
            more = await self.turn()
        except Exception as error:
            if str(error) != self._not_gathered:
                _log.error("What is to be forwarded cannot be gathered: %s", error, exc_info=error)
            self._not_gathered = str(error) or type(error).__name__
            return False
        self._not_gathered = ""
        return more

    async def turn(self) -> bool:
        """Look at the settings, gather, wake the workers; whether there may be more at once."""
        await self._look_at_settings()
        queue, gatherer = self._queue, self._gatherer
        if queue is None or gatherer is None:
            return False
        wanted = self._settings.all
        await self._mind_the_clock(queue)
        more = await self._do(gatherer.turn, wanted, self._clock())
        for worker in self._workers.values():
            worker.wake()
        # a clock that was set back too
        if abs(self._clock() - self._trimmed) >= TRIM_SECONDS:
            self._trimmed = self._clock()
            for name, count in (await self._do(queue.trim, wanted, self._clock())).items():
                _log.error("%s: %d facts have waited for too long and are let go of.", name, count)
        if self._steady() >= self._stand_after:
            began = self._steady()
            self._standing = await self._do(self._stand, queue, wanted)
            took = self._steady() - began
            # counting what waits, of many or for long, is to hold up nobody who sends
            self._stand_after = began + (COUNTING * took if took > 0.2 else 0.0)
        return more

    def close(self) -> None:
        """After `run` has ended."""
        self._thread.shutdown()
        if self._queue:
            self._queue.close()

    async def _mind_the_clock(self, queue: Queue) -> None:
        (wall, steady), self._clocks = self._clocks, (self._clock(), self._steady())
        by = (self._clocks[0] - wall) - (self._clocks[1] - steady)
        if abs(by) >= SET_SECONDS:
            await self._do(queue.redate, by)

    async def _look_at_settings(self) -> None:
        stamp = await self._do(destinations.stamp, self._around.data)
        if stamp == self._stamp:
            return
        try:
            settings = await self._do(destinations.read, self._around.data)
        except UserError as error:
            # what is at work goes on
            self._stamp, self._fault = stamp, str(error)
            _log.error("%s", error)
            return
        self._fault = str(settings.faults[0]) if settings.faults else ""
        for fault in settings.faults:
            _log.error("%s", fault)
        if settings.faults and self._settings.all:
            self._stamp = stamp  # what is at work goes on until all of it can be read
            return
        gone = {one.name for one in self._settings.all} - {one.name for one in settings.all}
        if gone and not self._has_stayed(stamp):
            return
        await self._take_up(settings)
        self._stamp = stamp

    def _has_stayed(self, stamp: tuple[int, int]) -> bool:
        if self._shorter is None or self._shorter[0] != stamp:
            self._shorter = stamp, self._steady()
        return self._steady() - self._shorter[1] >= SAVED_SECONDS

    async def _take_up(self, settings: Settings) -> None:
        """Begin, go on and end what the file says now."""
        if settings.all and self._queue is None:
            self._queue, self._gatherer = await self._do(self._open)
        before = {one.name: one for one in self._settings.destinations}
        after = {one.name: one for one in settings.destinations}
        places_moved = settings.places != self._settings.places
        changed = [name for name in before if places_moved or before[name] != after.get(name)]
        await self._end(changed)
        self._settings = settings
        queue = self._queue
        if queue is None:
            return
        assert self._gatherer
        names = [one.name for one in settings.all]
        if not settings.faults:
            await self._do(self._forget_others, names)
        if not await self._do(queue.begin, names, not settings.faults):
            # nobody was told before: nobody misses what was before
            await self._do(self._gatherer.forget)
        if not names:
            queue.close()
            self._queue = self._gatherer = None
            return
        around = replace(self._around, places=settings.places)
        self._faults = {}
        for name, asked in after.items():
            if name in self._workers:
                continue
            try:
                format = destinations.make(asked, around)
            except UserError as error:
                self._faults[name] = str(error)
                _log.error("%s: %s", name, error)
                continue
            worker = Worker(asked, format, queue, self._thread, self._clock)
            self._workers[name] = worker
            self._tasks[name] = asyncio.create_task(self._work(worker))

    async def _work(self, worker: Worker) -> None:
        """For ever, whatever becomes of the queue's disk."""
        complained = ""
        while True:
            try:
                await worker.run()
            except Exception as error:
                if repr(error) != complained:
                    complained = repr(error)
                    _log.error(
                        "%s: cannot go on; it is tried again.", worker.asked.name, exc_info=error
                    )
            await asyncio.sleep(LOOK_SECONDS)

    async def _end(self, names: Iterable[str]) -> None:
        tasks = []
        for name in names:
            self._workers.pop(name, None)
            if task := self._tasks.pop(name, None):
                task.cancel()
                tasks.append(task)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget_others(self, names: Sequence[str]) -> None:
        """What a platform has changed, its password too, is not for another of the same name."""
        for file in self._around.data.glob("forward.*.*.json"):
            if file.name.split(".")[2] not in names:
                file.unlink(missing_ok=True)

    def _open(self) -> tuple[Queue, Gatherer]:
        queue = Queue(self._around.data / FILE)
        gatherer = Gatherer(
            *(self._around.data, queue, self._around.units, self._around.utc_offset),
            self._by_their_clocks,
        )
        return queue, gatherer

    @staticmethod
    def _stand(queue: Queue, wanted: Sequence[Asked]) -> dict[str, Standing | None]:
        return {one.name: queue.standing(one) for one in wanted}

    async def _do(self, what: Callable[..., T], *values: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, what, *values)


def _state(worker: Worker) -> State:
    return replace(worker.state, beside=worker.state.beside or worker.format.complaint)
