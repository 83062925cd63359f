"""HTTP connections that ask for nothing, or never finish asking, are closed."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

# uvicorn's own limit begins only with the first answer
IDLE_SECONDS = 10.0


class ImpatientProtocol(H11Protocol):
    """Whoever opens connections and leaves them costs the hub a file for so long, not for ever."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # for whoever wants to know what has arrived: request.state.transport
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)
        self._idle_since = self.loop.time()
        self._look()

    def _look(self) -> None:
        if self.transport.is_closing() or self.transport.get_protocol() is not self:
            return  # gone, or a WebSocket now
        if self.cycle is not None and not self.cycle.response_complete:
            self._idle_since = self.loop.time()
        elif self.loop.time() - self._idle_since >= IDLE_SECONDS:
            self.transport.close()
            return
        self.loop.call_later(IDLE_SECONDS / 2, self._look)
