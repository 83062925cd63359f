"""Does what this process has leases for: a task each, begun and ended as they come and go."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.leases.leases import Fence, Tenant
from noisetamer.hub.leases.tenure import BEAT_SECONDS
from noisetamer.hub.upkeep import Upkeep

RETRY_SECONDS = 1.0
AGAIN_SECONDS = 0.5

_log = logging.getLogger("noisetamer.hub")


async def together(works: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
    """Work without end, until cancelled: then it returns when all of it has ended.

    What has to end is told so until it does: nats-py takes a cancellation for its own where it
    flushes (2.16.0, `_flush_pending`), and whoever waits for it would wait for ever.
    """
    upkeep = Upkeep()
    tasks = [asyncio.create_task(upkeep.endless(*work)) for work in works.items()]
    try:
        await asyncio.Event().wait()
    finally:
        while left := [task for task in tasks if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=AGAIN_SECONDS)


class Tenancy:
    """do: the work of one lease, until cancelled; what it raises is said once, and it begins anew
    as long as the lease is held."""

    def __init__(
        self,
        folder: Path,
        kind: str,
        names: Sequence[str],
        do: Callable[[Fence], Awaitable[None]],
    ) -> None:
        """Raises UserError where the database cannot be used."""
        self._tenant = Tenant(folder, kind, names)
        self._do = do
        self._tasks: dict[Fence, asyncio.Task[None]] = {}
        self._complaints: dict[str, str] = {}

    @property
    def name(self) -> str:
        return self._tenant.name

    @property
    def held(self) -> dict[str, Fence]:
        return self._tenant.held

    def has(self, lease: str) -> bool:
        """Whether this process has it, for certain: for what no fence guards."""
        return self._tenant.sure and lease in self._tenant.held

    async def run(self) -> None:
        """Beat and follow, until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self._tenant.turn)
                self._well("database")
            except database.Error as error:
                self._complain("database", error)
            self._follow(self._tenant.held)
            await asyncio.sleep(BEAT_SECONDS)

    async def close(self) -> None:
        """End all work, then give everything back."""
        self._follow({})
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await asyncio.to_thread(self._tenant.close)

    def _follow(self, held: dict[str, Fence]) -> None:
        for fence, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[fence]
            elif held.get(fence.lease) != fence and not task.cancelling():
                _log.info("No longer mine: %s.", fence.lease)
                task.cancel()
        # what is still ending is waited for: two of one lease would not know of each other
        ending = {fence.lease for fence in self._tasks}
        for fence in held.values():
            if fence.lease not in ending:
                self._tasks[fence] = asyncio.create_task(self._work(fence))

    async def _work(self, fence: Fence) -> None:
        while True:
            try:
                await self._do(fence)
                return
            except Exception as error:
                self._complain(fence.lease, error)
            await asyncio.sleep(RETRY_SECONDS)

    def _complain(self, what: str, error: Exception) -> None:
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        known = self._complaints.get(what)
        self._complaints[what] = str(error)
        if known != str(error):
            fault = None if isinstance(error, database.Error | OSError | UserError) else error
            _log.warning("%s: %s", what, error, exc_info=fault)

    def _well(self, what: str) -> None:
        if self._complaints.pop(what, None):
            _log.warning("%s: it is there again.", what.capitalize())
