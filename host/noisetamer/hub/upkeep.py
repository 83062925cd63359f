"""Keeps the hub's endless parts going: what fails is said once, and begun again."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from noisetamer.base import database
from noisetamer.base.errors import UserError

PAUSE_SECONDS = 1.0
# Work that takes longer than QUICK_SECONDS takes little of the time all the same, of thirty
# thousand units too: the pause is so many times what it took beyond that, at most LONGEST_PAUSE.
QUICK_SECONDS = 0.25
PAUSE_TIMES = 19.0
LONGEST_PAUSE = 10.0
# after so long without failing again, a part is well
WELL_SECONDS = 30.0

_log = logging.getLogger("noisetamer.hub")

Work = Callable[[], Awaitable[None]]


class Upkeep:
    """complaints: {part: what is wrong with it now, as a sentence}."""

    def __init__(self) -> None:
        self.complaints: dict[str, str] = {}

    async def again_and_again(self, part: str, step: Work) -> None:
        """A short piece of work every PAUSE_SECONDS, until cancelled; less often where it takes
        long."""
        while True:
            began = time.monotonic()
            try:
                await step()
            except Exception as error:
                self._complain(part, error)
            else:
                self._well(part)
            beyond = time.monotonic() - began - QUICK_SECONDS
            await asyncio.sleep(min(max(PAUSE_SECONDS, PAUSE_TIMES * beyond), LONGEST_PAUSE))

    async def endless(self, part: str, work: Work) -> None:
        """Work that ends when it is done, if ever, and begins anew when it fails."""
        while True:
            task = asyncio.ensure_future(work())
            try:
                done, _ = await asyncio.wait({task}, timeout=WELL_SECONDS)
                if not done:
                    self._well(part)
                await task
                return
            except Exception as error:
                self._complain(part, error)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            await asyncio.sleep(PAUSE_SECONDS)

    def _complain(self, part: str, error: Exception) -> None:
        known = self.complaints.get(part)
        self.complaints[part] = str(error) or type(error).__name__
        if self.complaints[part] == known:
            return
        if isinstance(error, UserError | OSError | database.Error):
            _log.error("%s", error)
        else:
            _log.error("A fault of the hub's %s; it begins again.", part, exc_info=error)

    def _well(self, part: str) -> None:
        if self.complaints.pop(part, None):
            _log.warning("The hub's %s goes on again.", part)
