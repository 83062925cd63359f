import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from noisetamer.hub.bus.commands import Commands


@pytest.mark.parametrize(
    ("order", "subject", "fields"),
    [
        (lambda to: to.ack("NT-1", 7, 12), "cmd.NT-1.ack", {"b": 7, "s": 12}),
        (lambda to: to.full("NT-1", 7, 13), "cmd.NT-1.full", {"b": 7, "s": 13}),
        (lambda to: to.live("NT-1", 60), "cmd.NT-1.live", {"for": 60}),
        (lambda to: to.time("NT-1", 1795431600), "cmd.NT-1.time", {"t": 1795431600}),
    ],
)
def test_each_command_goes_to_its_units_own_topic(
    order: Callable[[Commands], Awaitable[None]], subject: str, fields: dict[str, Any]
):
    sent: list[tuple[str, Any]] = []

    async def publish(subject: str, body: bytes) -> None:
        sent.append((subject, json.loads(body)))

    async def send() -> None:
        await order(Commands(publish))

    asyncio.run(send())
    assert sent == [(subject, fields)]
