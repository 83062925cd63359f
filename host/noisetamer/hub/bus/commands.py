"""What the hub tells units by itself; what people have them do is signed, in `hub/orders`.

A command goes to `cmd/<unit>/<verb>` at most once: lost when the broker or the unit is away. If
it has to arrive, repeat it until the unit's reports show that it did.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache

from tamer.record.fields import COMMANDS
from tamer.record.seal import Seal

_MOST_SEALS = 65_536


class Commands:
    """publish: sends a body on a subject, as `Bus.publish` does."""

    def __init__(self, publish: Callable[[str, bytes], Awaitable[None]]) -> None:
        self._publish = publish
        self._keys: Mapping[str, str] = {}

    def know(self, keys: Mapping[str, str]) -> None:
        """Each unit's command key, by which what it acts upon is signed; "" of one without."""
        self._keys = keys

    async def ack(self, unit: str, boot: int, seq: int) -> None:
        """Every record of that boot up to and including `seq` is stored: it may be forgotten."""
        # JSON by hand, and the seal kept: thousands of these go out each second
        body = b'{"b":%d,"s":%d' % (boot, seq)
        key = self._keys.get(unit)
        told = body + (_seal(key).tail("ack", unit, body) if key else b"}")
        await self._publish(f"cmd.{unit}.ack", told)

    async def refused(self, unit: str, boot: int, seq: int, why: str) -> None:
        """The hub cannot take that record; it keeps it all the same, and acknowledges it."""
        await self._send(unit, "refused", boot, seq, why)

    async def full(self, unit: str, boot: int, seq: int) -> None:
        """The hub cannot take that record and has no room to keep it: it is to be held."""
        await self._send(unit, "full", boot, seq)

    async def live(self, unit: str, seconds: int) -> None:
        """Report each second at once, for so long, because a page is open."""
        await self._send(unit, "live", seconds)

    async def time(self, unit: str, t: int) -> None:
        """It is Unix time t now, s."""
        await self._send(unit, "time", t)

    async def _send(self, unit: str, verb: str, *values: int | str) -> None:
        fields = dict(zip(COMMANDS[verb], values, strict=True))
        await self._publish(f"cmd.{unit}.{verb}", json.dumps(fields).encode())


@lru_cache(_MOST_SEALS)
def _seal(key: str) -> Seal:
    return Seal(key)
