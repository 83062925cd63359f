"""The page's port: whoever asks for nothing is not waited for."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from waiting import DEADLINE

from noisetamer.hub.web import patience
from noisetamer.hub.web.patience import ImpatientProtocol


async def app(scope: dict[str, str], receive: object, send: Callable[..., Awaitable[None]]):
    """Answers after half a second."""
    await asyncio.sleep(0.5)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"well"})


async def lives(sent: bytes) -> tuple[bytes, bytes]:
    """What comes back for `sent`, until the server closes; and for the same byte by byte."""
    config = uvicorn.Config(app, http=ImpatientProtocol, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(server.serve([listener]))
        try:
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writer.write(sent)
            whole = await asyncio.wait_for(reader.read(), DEADLINE)
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            end = asyncio.ensure_future(reader.read())
            for byte in sent:
                await asyncio.wait([end], timeout=0.1)
                writer.write(bytes([byte]))
            return whole, await asyncio.wait_for(end, DEADLINE)
        finally:
            server.should_exit = True
            await serving


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: hub\r\nX-Slow: "])
def test_a_connection_that_never_asks_is_closed(sent: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(patience, "IDLE_SECONDS", 0.2)
    whole, _ = asyncio.run(lives(sent))
    assert whole == b""


def test_an_answer_may_take_longer_than_the_patience(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(patience, "IDLE_SECONDS", 0.2)
    whole, _ = asyncio.run(lives(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n"))
    assert b"well" in whole
