"""What was written has arrived when the other end says so, not when it has left."""

import asyncio
import socket

import pytest
from waiting import DEADLINE

from noisetamer.hub.phones import reached


def test_counts_what_the_other_end_has_not_acknowledged():
    async def story() -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            far = socket.create_connection(server.getsockname())
            near, _ = server.accept()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        _, writer = await asyncio.open_connection(sock=near)
        transport = writer.transport
        assert isinstance(transport, asyncio.Transport)
        assert await reached.by(transport, DEADLINE)()
        writer.write(b"x" * (1 << 23))  # more than the far end's system takes unread
        assert not await reached.by(transport, 0.1)()
        waiting = asyncio.create_task(reached.by(transport, DEADLINE)())
        loop = asyncio.get_running_loop()
        got = 0
        while got < 1 << 23:
            got += len(await loop.run_in_executor(None, far.recv, 1 << 20))
        assert await waiting
        writer.write(b"x")
        far.close()
        transport.abort()
        await asyncio.sleep(0)
        assert not await reached.by(transport, 1)()

    asyncio.run(story())


@pytest.mark.parametrize("patience", [0.0])
def test_unknown_connection_is_believed(patience: float):
    assert asyncio.run(reached.by(None, patience)())
