"""One hub at a time on a database: `noisetamer hub --database`.

A folder's lock keeps a second hub of the same machine away; a copy of the folder on another
machine, taken for a dead one's place, has a lock of its own. So the database says who it is.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.database import place
from noisetamer.base.database.postgres import PATIENCE_SECONDS, PAUSED_SECONDS
from noisetamer.base.errors import UserError
from noisetamer.hub.leases.leases import Fence, Tenant
from noisetamer.hub.leases.tenure import BEAT_SECONDS, LAPSE_SECONDS

KIND = "one-hub"
LEASE = "sole hub"
_WAITED = LAPSE_SECONDS + 3 * BEAT_SECONDS
_TRIES_WHILE_LOCKED = 2 + PAUSED_SECONDS // PATIENCE_SECONDS

_log = logging.getLogger("noisetamer.hub")


class SoleUse:
    """Of the database that holds a folder's stores, from its making to `close`.

    fence: what each commit asks.
    """

    def __init__(
        self,
        data: Path,
        wait: Callable[[float], None] = time.sleep,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """Blocks, for as long as a hub that was killed counts as there. wait: s; steady: as of
        Tenant. Raises UserError where another hub uses it, or it cannot be used."""
        self._where = place.told(place.url_of(data))
        self._tenant = Tenant(data, KIND, [LEASE], steady)
        try:
            self.fence = self._taken(wait)
        except BaseException:
            self._tenant.close()
            raise

    async def lost(self) -> str:
        """Beat; return once the database is another's, with a sentence."""
        complained = ""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                # What was lost stays lost: to take it again would end both hubs.
                held = await asyncio.to_thread(self._tenant.turn, takes=False)
            except database.Error as error:
                # what is committed meanwhile asks for the fence; nobody else gets in either
                if str(error) != complained:
                    _log.warning("database: %s", error)
                complained = str(error)
                continue
            complained = ""
            if held.get(LEASE) != self.fence:
                return (
                    f"Another hub has taken over {self._where}, where nothing was heard of this "
                    f"one for {LAPSE_SECONDS:.0f} s: this one has ended. Two would call twice."
                )

    def close(self) -> None:
        self._tenant.close()

    def _taken(self, wait: Callable[[float], None]) -> Fence:
        waited = 0.0
        locked = 0
        while True:
            try:
                held = self._tenant.turn()
            except database.Error as error:
                # One that was paused in the midst of writing: the server ends that.
                if isinstance(error, database.LockedError) and locked < _TRIES_WHILE_LOCKED:
                    locked += 1
                    continue
                raise UserError(f"{self._where} cannot be used: {error}.") from None
            if LEASE in held:
                return held[LEASE]
            if waited >= _WAITED:
                raise UserError(
                    f"Another hub uses {self._where}, {self._tenant.holder(LEASE)}: end it first, "
                    "or give this one a database of its own with --database."
                )
            if not waited:
                _log.warning(
                    "Another hub uses %s, or was killed a moment ago: waiting %.0f s for it.",
                    *(self._where, _WAITED),
                )
            wait(BEAT_SECONDS)
            waited += BEAT_SECONDS
