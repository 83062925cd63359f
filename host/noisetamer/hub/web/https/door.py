"""One port for both: HTTPS is let in, and whoever speaks plain HTTP is told where to go.

A phone's browser to which somebody typed 192.168.1.10:8080 tries HTTP first; an answer it cannot
read would be all that it shows.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable

import uvicorn
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from noisetamer.hub.web.patience import IDLE_SECONDS, ImpatientProtocol

_HANDSHAKE = b"\x16"  # TLS: ContentType handshake, RFC 8446, B.1
# So many may stand in the door without a word.
STANDING = 2000


class Door:
    """Accepts the connections of one listening socket."""

    def __init__(
        self,
        listener: socket.socket,
        context: ssl.SSLContext,
        protocol: Callable[[], asyncio.Protocol],
    ) -> None:
        """protocol: makes what speaks HTTP on a connection that is secure."""
        self._listener = listener
        self._context = context
        self._protocol = protocol
        self._standing: set[asyncio.Task[None]] = set()
        self._plain = uvicorn.Config(
            elsewhere, http=ImpatientProtocol, lifespan="off", log_level="error", access_log=False
        )
        self._plain.load()

    async def run(self) -> None:
        """For ever."""
        loop = asyncio.get_running_loop()
        self._listener.setblocking(False)
        while True:
            try:
                connection, _ = await loop.sock_accept(self._listener)
            except OSError:
                # no file left: those that are open end, one by one
                await asyncio.sleep(0.1)
                continue
            if len(self._standing) >= STANDING:
                connection.close()
                continue
            task = loop.create_task(self._let_in(connection))
            self._standing.add(task)
            task.add_done_callback(self._standing.discard)

    def close(self) -> None:
        """Nobody stands in it any more."""
        for task in self._standing:
            task.cancel()

    async def _let_in(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        connection.setblocking(False)
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                first = await _first_byte(connection)
            if first == _HANDSHAKE:
                await loop.connect_accepted_socket(
                    self._protocol,
                    connection,
                    ssl=self._context,
                    ssl_handshake_timeout=IDLE_SECONDS,
                )
            else:
                await loop.connect_accepted_socket(self._speak_plainly, connection)
        except (OSError, TimeoutError):
            # ssl.SSLError is one: a browser that does not trust us says so by leaving
            connection.close()
        except BaseException:
            connection.close()
            raise

    def _speak_plainly(self) -> asyncio.Protocol:
        return ImpatientProtocol(self._plain, ServerState(), {})


async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
    """The same address with https. Not for ever: a browser would remember it."""
    host = Headers(scope=scope).get("host", "")
    if not host or scope["type"] != "http":
        await Response(status_code=400)(scope, receive, send)
        return
    path = scope.get("raw_path", b"/").decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    where = f"https://{host}{path}{'?' if query else ''}{query}"
    await RedirectResponse(where, 307)(scope, receive, send)


async def _first_byte(connection: socket.socket) -> bytes:
    """Looked at, not taken. b"" of one that is closed already."""
    loop = asyncio.get_running_loop()
    there = loop.create_future()
    loop.add_reader(connection, lambda: there.done() or there.set_result(None))
    try:
        await there
    finally:
        loop.remove_reader(connection)
    return connection.recv(1, socket.MSG_PEEK)
