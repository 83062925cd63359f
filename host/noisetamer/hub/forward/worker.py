"""Empties the queue: one task a destination, so that none can stall another.

What a destination does not take is tried again, the same facts in the same order, after pauses
that double up to MOST_PAUSE; then with one fact alone until it takes that. What it refuses is put
aside, fact by fact. Whatever a format does wrong is treated as if the destination were away.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Asked, Format, Refused, Sent, Unreachable
from noisetamer.hub.forward.queue import Queue, Waiting

FIRST_PAUSE = 2.0
MOST_PAUSE = 300.0
PROBE_AFTER = 3
"""So often in vain, and it is tried with one fact only: no batch is made for nobody."""
LOOK_SECONDS = 5.0
WELL_SECONDS = 10.0
"""So long without failing again, and what runs beside sending is well."""

T = TypeVar("T")
_log = logging.getLogger("noisetamer.hub")


def pause(attempts: int, random: random.Random) -> float:
    """s after so many attempts in vain, from 1 on: half of it certain, half by chance, so that
    destinations that failed together do not come back together."""
    longest = min(MOST_PAUSE, FIRST_PAUSE * 2 ** min(attempts - 1, 30))
    return longest * (0.5 + 0.5 * random.random())


@dataclass
class State:
    """How one destination does, while the hub runs. failing: why, "" where it takes what it gets;
    since: when that began, Unix s; attempts: in vain, since; next: when it is tried again, Unix s;
    beside: what is wrong with what runs beside sending, "" where nothing is.
    """

    failing: str = ""
    since: float | None = None
    attempts: int = 0
    next: float | None = None
    beside: str = ""


class Worker:
    """Of one destination."""

    def __init__(
        self,
        asked: Asked,
        format: Format,
        queue: Queue,
        thread: ThreadPoolExecutor,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Any] = asyncio.sleep,
        random: random.Random | None = None,
    ) -> None:
        """thread: in which the queue is asked; clock: Unix s; sleep: as asyncio's; random: of the
        pauses."""
        self.asked = asked
        self.format = format
        self.state = State()
        self._queue = queue
        self._thread = thread
        self._clock = clock
        self._sleep = sleep
        self._random = random or _chance()
        self._news = asyncio.Event()
        self._now = asyncio.Event()
        self._complained = ""

    def wake(self) -> None:
        """There are new facts."""
        self._news.set()

    def try_now(self) -> None:
        """Whatever the pause that is under way."""
        self._now.set()
        self._news.set()

    async def run(self) -> None:
        """Send, until cancelled."""
        beside = asyncio.create_task(self._run_beside())
        try:
            while True:
                self._news.clear()
                if not await self.turn():
                    await self._wait(self._news, LOOK_SECONDS)
        finally:
            beside.cancel()
            await asyncio.gather(beside, return_exceptions=True)
            await self._close()

    async def turn(self) -> bool:
        """Give it what is next; whether there was anything."""
        at_once = 1 if self.state.attempts >= PROBE_AFTER else self.asked.at_once
        waiting = await self._do(self._queue.next, self.asked, at_once)
        if not waiting.facts:
            return False
        try:
            await self._give(waiting)
        except Unreachable as why:
            await self._note(waiting, why.taken, ())
            await self._failed(str(why), why.after)
        else:
            self._well()
        return True

    async def _give(self, waiting: Waiting) -> bool:
        """All of it: whole, or what is refused in ever smaller parts; whether it took all that it
        was given. Raises Unreachable.
        """
        try:
            sent = await self._send(waiting.facts)
        except Refused as why:
            if len(waiting.facts) == 1:
                await self._note(waiting, 1, [(waiting.facts[0], str(why))], sent=0)
                return True
            middle = len(waiting.facts) // 2
            halves = slice(None, middle), slice(middle, None)
            parts = [Waiting(waiting.facts[half], waiting.places[half]) for half in halves]
            for number, part in enumerate(parts):
                try:
                    if not await self._give(part):
                        return False
                except Unreachable as why:
                    if number == 0:
                        raise
                    # the first half is noted already
                    await self._note(part, why.taken, ())
                    raise Unreachable(str(why), 0, why.after) from None
            return True
        else:
            refused = [(waiting.facts[place], why) for place, why in sent.refused.items()]
            done = len(waiting.facts) if sent.done is None else sent.done
            await self._note(waiting, done, refused, sent=sent.taken)
            return done == len(waiting.facts)

    async def _send(self, facts: Sequence[Fact]) -> Sent:
        """Raises Unreachable or Refused, and nothing else."""
        seconds = max(self.asked.timeout, self.format.patience)
        try:
            async with asyncio.timeout(seconds):
                return await self.format.send(facts)
        except (Unreachable, Refused):
            raise
        except TimeoutError:
            raise Unreachable(f"no answer within {seconds:g} s") from None
        except OSError as error:
            raise Unreachable(str(error) or type(error).__name__) from None
        except Exception as error:
            self._complain(error)
            raise Unreachable(f"a fault of ours: {type(error).__name__}: {error}") from None

    async def _note(
        self,
        waiting: Waiting,
        count: int,
        refused: Sequence[tuple[Fact, str]],
        sent: int | None = None,
    ) -> None:
        """So many of the facts, from the first on, are done with."""
        if count:
            place = waiting.places[count - 1]
            taken = count - len(refused) if sent is None else sent
            await self._do(self._queue.done, self.asked.name, place, taken, refused, self._clock())

    async def _failed(self, why: str, after: float) -> None:
        state = self.state
        state.attempts += 1
        rest = max(pause(state.attempts, self._random), min(after, 3600.0))
        if state.since is None:
            state.since = self._clock()
        if why != state.failing:
            _log.warning("%s: nothing can be sent there: %s", self.asked.name, why)
        state.failing, state.next = why, self._clock() + rest
        self._now.clear()
        await self._wait(self._now, rest)
        state.next = None

    def _well(self) -> None:
        if self.state.failing:
            _log.warning("%s: takes what it gets again.", self.asked.name)
        self._complained = ""
        self.state = State(beside=self.state.beside)

    async def _run_beside(self) -> None:
        attempts = 0
        while True:
            began = self._clock()
            task = asyncio.ensure_future(self.format.run())
            try:
                done, _ = await asyncio.wait({task}, timeout=WELL_SECONDS)
                if not done:
                    self.state.beside = ""
                await task
                return
            except Exception as error:
                if not isinstance(error, Unreachable | OSError):
                    self._complain(error)
                self.state.beside = str(error) or type(error).__name__
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            attempts = 1 if self._clock() - began > MOST_PAUSE else attempts + 1
            await self._sleep(pause(attempts, self._random))

    async def _wait(self, event: asyncio.Event, seconds: float) -> None:
        """For this, but no longer."""
        waiting = [
            asyncio.ensure_future(event.wait()),
            asyncio.ensure_future(self._sleep(seconds)),
        ]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _close(self) -> None:
        try:
            async with asyncio.timeout(3.0):
                await self.format.close()
        except Exception as error:
            self._complain(error)

    def _complain(self, error: Exception) -> None:
        """Once for each."""
        if (said := repr(error)) != self._complained:
            self._complained = said
            _log.error("%s: a fault of its format.", self.asked.name, exc_info=error)

    async def _do(self, what: Callable[..., T], *values: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, what, *values)


def _chance() -> random.Random:
    return random.Random()
