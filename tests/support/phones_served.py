"""The hub's phones behind a real web server, in this process, for tests that listen to them."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from waiting import DEADLINE

from noisetamer.hub.people.contacts import Contact
from noisetamer.hub.phones.channels.channel import Parcel, Result
from noisetamer.hub.phones.channels.topic import TopicChannel
from noisetamer.hub.phones.message import RING, Message
from noisetamer.hub.phones.phones import Phones
from noisetamer.hub.web import ntfy
from noisetamer.hub.web.patience import ImpatientProtocol

TOPIC = "abcdefghijklmnopqrstuvwxyz"
OTHER = "234567abcdefghijklmnopqrst"
PATIENCE = 50.0
"""s; what arrives does so at once, but on a busy machine."""


class Served:
    """url: where it is; phones: what it serves."""

    def __init__(self, phones: Phones, address: tuple[str, int], patience: float) -> None:
        self.phones = phones
        self.address = address
        self.url = f"http://{address[0]}:{address[1]}"
        self.client = httpx.AsyncClient(base_url=self.url, timeout=DEADLINE, trust_env=False)
        self._patience = patience
        self._numbers = itertools.count(1)

    async def ring(
        self, title: str = "东门广场 72 分贝", topic: str = TOPIC, patience: float = 0.0
    ) -> Result:
        """Call a phone, as the worker does. patience: another one, s."""
        channel = TopicChannel(
            self.phones.postbox,
            self.phones.listeners,
            self.phones.clock,
            patience=patience or self._patience,
        )
        n = next(self._numbers)
        said = Message(title, ("超限 4 分钟",), RING, ("loud_sound",))
        parcel = Parcel(
            f"message{n:05d}", f"call {n}", said, f"{self.url}/a/token", "我来处理", "看"
        )
        return await channel.send(parcel, Contact(1, 1, "ntfy", topic, "", ""))


@asynccontextmanager
async def served(
    data: Path, clock: Callable[[], float] = lambda: 1_775_048_580.0, patience: float = PATIENCE
) -> AsyncIterator[Served]:
    """patience: s that a call waits for a phone to take it."""
    app = FastAPI()
    app.include_router(ntfy.router)
    phones = app.state.phones = Phones(data, {TOPIC, OTHER}.__contains__, clock)
    config = uvicorn.Config(app, http=ImpatientProtocol, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        here = Served(phones, listener.getsockname(), patience)
        try:
            yield here
        finally:
            await here.client.aclose()
            phones.listeners.close()
            server.should_exit = True
            await serving
            phones.close()
