"""Asks name and time servers, and nothing waits for them but who asked.

MicroPython's getaddrinfo and ntptime block the whole program: 7 s for a name server that does not
answer, and the watchdog bites at 8. So both are asked by a datagram of our own.
"""

import asyncio
import os
import socket
import time

from tamer import blob, unload
from tamer.tell import failures

_NAMES, _NAMES_NEARBY, _TIME = 53, 5353, 123
_NEARBY = "224.0.0.251"  # of names that end in .local: multicast DNS, RFC 6762

# ms that one server is waited for, try by try.
_PATIENCE = (1000, 2000, 4000)

# Half the way there and back is the error at worst, so this is right to a second, ms.
_SLOWEST = 2000

# A name's address is asked for again after as long as its answer holds, but within these, s.
_SOONEST, _LATEST = 60, 86400


class Servers:
    """Of the network that a station is in."""

    def __init__(self, wlan, memory):
        """`wlan`: a made station interface. `memory`: the chip's own (esp32.NVS)."""
        self._wlan = wlan
        self._memory = memory
        self._known = {}  # name: (address, until when it holds, ticks_ms; None: it is in doubt)

    async def address(self, name):
        """The IPv4 address of a host; of an address, itself. Raises NotFound where it has none.

        Where no name server answers, or there is no memory to ask one, the one that it had before.
        """
        if _is_address(name):
            return name
        known = self._known.get(name)
        if known and known[1] is not None and time.ticks_diff(known[1], time.ticks_ms()) > 0:
            return known[0]
        try:
            address, holds = await self._look_up(name)
        except (OSError, MemoryError) as why:
            old = known[0] if known else self._kept(name)
            if old is None:
                if isinstance(why, MemoryError):
                    raise
                raise failures.NotFound("%s: %s" % (name, why)) from None
            # It may do, and is asked for again the next time.
            self._known[name] = (old, None)
            return old
        holds = min(max(holds, _SOONEST), _LATEST)
        self._known[name] = (address, time.ticks_add(time.ticks_ms(), 1000 * holds))
        return address

    def doubt(self, name):
        """Nobody was there: ask for its address anew the next time."""
        if name in self._known:
            self._known[name] = (self._known[name][0], None)

    def keep(self, name):
        """Somebody was there: hold its address through a restart, should no server answer then."""
        if name in self._known and self._kept(name) != self._known[name][0]:
            self._memory.set_blob("address", (name + " " + self._known[name][0]).encode())
            self._memory.commit()

    async def time(self, server):
        """(Unix time in ms as this returns, the round trip in ms) by a time server's word.

        Raises OSError where it gives none, or has no address.
        """
        address = await self.address(server)
        try:
            from tamer.tell import time_message

            stamp = b""

            def ask():
                # Anew each time: a late answer to the try before would seem to have come at once.
                nonlocal stamp
                stamp = os.urandom(8)
                return time_message.query(stamp)

            def read(answer, ms):
                unix_ms = time_message.unix_ms(answer, stamp, ms)
                return None if unix_ms is None or ms > _SLOWEST else (unix_ms, ms)

            return await _exchange(address, _TIME, ask, read)
        except OSError:
            # Those of a pool come and go.
            self.doubt(server)
            raise
        finally:
            # Both kinds of message are rarely wanted.
            unload("tamer.tell", "time_message")

    async def _look_up(self, name):
        """(address, how long it holds, s). Raises OSError."""
        try:
            from tamer.tell import name_message

            try:
                asked = name_message.query(int.from_bytes(os.urandom(2), "big"), name)
            except ValueError as wrong:
                raise OSError(str(wrong)) from None
            server, port = self._wlan.ifconfig()[3], _NAMES
            if name.endswith(".local"):
                server, port = _NEARBY, _NAMES_NEARBY
            return await _exchange(
                server, port, lambda: asked, lambda answer, _: name_message.address(answer, asked)
            )
        finally:
            unload("tamer.tell", "name_message")

    def _kept(self, name):
        try:
            kept = blob(self._memory, "address", 128).decode()
        except UnicodeError:
            return None
        named, _, address = kept.partition(" ")
        return address if named == name and _is_address(address) else None


async def _exchange(address, port, ask, read):
    """What `read(answer, ms since it was asked)` makes of the first answer that it does not
    return None for; `ask()`: the message, for each try. Raises OSError where none comes, or
    `read` raises ValueError."""
    here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        here.setblocking(False)
        there = socket.getaddrinfo(address, port)[0][-1]
        if address != _NEARBY:
            # Then nobody else's answer gets in.
            here.connect(there)
        stream = asyncio.StreamReader(here)
        for patience in _PATIENCE:
            began = time.ticks_ms()
            here.sendto(ask(), there)
            while True:
                left = patience - time.ticks_diff(time.ticks_ms(), began)
                if left <= 0:
                    break
                try:
                    # To wait only: what it reads would be all that has come, joined into one.
                    await asyncio.wait_for_ms(stream.read(0), left)
                    answer = here.recv(512)
                except asyncio.TimeoutError:
                    break
                found = answer and read(answer, time.ticks_diff(time.ticks_ms(), began))
                if found:
                    return found
        raise OSError("no answer of %s" % address)
    except ValueError as wrong:
        raise OSError("%s: %s" % (address, wrong)) from None
    finally:
        here.close()


def _is_address(name):
    parts = name.split(".")
    return len(parts) == 4 and all([part.isdigit() and int(part) < 256 for part in parts])
