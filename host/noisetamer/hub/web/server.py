"""The web server: uvicorn, with a door that takes HTTPS."""

import asyncio
import socket
from asyncio import sslproto
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from noisetamer.hub.web.https.certificate import Certificate
from noisetamer.hub.web.https.door import Door
from noisetamer.hub.web.patience import ImpatientProtocol

# RFC 6797. Not with the hub's own certificate: a phone that does not trust it yet would not even
# let its user past the warning.
HSTS = [("Strict-Transport-Security", "max-age=31536000")]

# So many connections are accepted before the loop turns to others. Where no file is left, asyncio
# (Python 3.11) tries, fails, reports and comes back a second later for each of them, and each time
# anew: with uvicorn's own 2048 such a hub does nothing else.
ACCEPTED_AT_ONCE = 1
# So many may wait for that.
_WAITING = 2048


class Server(uvicorn.Server):
    """The web server without its own signal handlers: the hub ends all its parts in order."""

    def __init__(self, config: uvicorn.Config, certificate: Certificate | None) -> None:
        """certificate: None for plain HTTP. config's protocol is ImpatientProtocol."""
        super().__init__(config)
        self._certificate = certificate
        self._door: tuple[Door, asyncio.Task[None]] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._certificate is None or not sockets:
            await super().startup(sockets)
            for listener in sockets or ():
                listener.listen(_WAITING)
            return
        await super().startup([])
        # else 256 KB for each phone that only listens; a record of TLS holds 16 KB
        sslproto.SSLProtocol.max_size = 32 * 1024
        door = Door(sockets[0], self._certificate.context, self._speak)
        self._door = door, asyncio.create_task(door.run())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._door:
            door, accepting = self._door
            accepting.cancel()
            door.close()
        await super().shutdown(sockets)

    def _speak(self) -> asyncio.Protocol:
        state, app_state = self.server_state, self.lifespan.state
        return ImpatientProtocol(self.config, state, app_state)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
