"""Whether what was written to a connection has arrived at its other end."""

import asyncio
import fcntl
import socket
import struct
import sys
from collections.abc import Callable, Coroutine
from typing import Any

_TIOCOUTQ = 0x5411  # Linux: bytes of a socket's send queue; of TCP, those not acknowledged yet
_PAUSE_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)

LOST_SECONDS = 60.0

Reached = Callable[[], Coroutine[Any, Any, bool]]


def by(transport: asyncio.Transport | None, patience: float = 20.0) -> Reached:
    """Asks this connection. A phone out of reach takes nothing, though writing to it succeeds:
    the system keeps the bytes and goes on trying. So it counts when the other end's TCP has
    acknowledged them all (Linux, tcp(7); elsewhere: when they have left this program).

    A connection whose other end acknowledges nothing for LOST_SECONDS ends: who listens is known.

    None: the connection is not known; then what was written counts. patience: s.
    """
    if transport is not None:
        _end_when_lost(transport)

    async def reached() -> bool:
        if transport is None:
            return True
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        pauses = iter(_PAUSE_SECONDS)
        pause = next(pauses)
        while left := transport.get_write_buffer_size() + _unacknowledged(transport):
            if left < 0 or loop.time() >= end:
                return False
            await asyncio.sleep(pause)
            pause = next(pauses, pause)
        return True

    return reached


def _end_when_lost(transport: asyncio.Transport) -> None:
    """Linux, tcp(7). Else it would take a quarter of an hour."""
    connection = transport.get_extra_info("socket")
    if connection is None or connection.fileno() < 0 or not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    option = socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT
    connection.setsockopt(*option, int(LOST_SECONDS * 1000))


def _unacknowledged(transport: asyncio.Transport) -> int:
    """Bytes; below 0, whatever the buffer: it is closed, and nothing will be known."""
    connection = transport.get_extra_info("socket")
    if connection is None or connection.fileno() < 0:
        return -(1 << 40)
    if sys.platform != "linux":
        return 0
    (bytes_left,) = struct.unpack("i", fcntl.ioctl(connection.fileno(), _TIOCOUTQ, b"\0" * 4))
    return bytes_left
