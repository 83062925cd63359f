"""Those outside who vouch for the log of this hub, put together: witnesses, and who stamps it."""

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.log import witness
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.partners import Partners
from noisetamer.hub.log.signing import witness_signer
from noisetamer.hub.log.stamping import Stamping
from noisetamer.hub.log.stamps import BUNDLE, Stamps
from noisetamer.hub.log.witness import Witness
from noisetamer.hub.log.witnessing import Witnessing
from noisetamer.hub.trouble import Trouble

VOUCH_SECONDS = 10.0

_log = logging.getLogger("noisetamer.hub")


class Outside:
    """witness: of other hubs' logs, as this hub; stamps: of ours. No file is made before it is
    needed."""

    def __init__(self, data: Path, hub: str, log: Log) -> None:
        """hub: how this one is called."""
        partners = Partners(data)
        memory = data / witness.FILE
        self.witness = Witness(memory, witness_signer(data, hub), partners.keys_of, time.time)
        self.stamps = Stamps(data)
        self.witnessing = Witnessing(log, partners, lambda: witness.conflicts(memory))
        self.stamping = Stamping(self.stamps, log.checkpoint)

    async def vouch(self, note: str, seconds: float = VOUCH_SECONDS) -> None:
        """Have this checkpoint, just signed, cosigned and stamped now, as far as those outside
        answer in time. What is away is asked again later."""
        asked = self.witnessing.show_now(), asyncio.to_thread(self.stamps.ask_for, note, BUNDLE)
        tasks = [asyncio.ensure_future(one) for one in asked]
        done, _ = await asyncio.wait(tasks, timeout=seconds)
        for error in filter(None, (one.exception() for one in done)):
            if not isinstance(error, (UserError, database.Error)):
                raise error
            # of a file of ours that is spoilt: no reason to hand out nothing
            _log.warning("not vouched for: %s", error)

    def troubles(self) -> Iterator[Trouble]:
        """Of both."""
        yield from self.witnessing.troubles()
        yield from self.stamping.troubles()

    def close(self) -> None:
        """Let go of the files."""
        self.witness.close()
        self.stamps.close()
