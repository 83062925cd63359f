import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from noisetamer.hub.bus.commands import Commands
from tamer.record.seal import Seal


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


def test_an_acknowledgement_is_signed_for_the_unit_that_has_a_key():
    sent: list[bytes] = []

    async def publish(subject: str, body: bytes) -> None:
        sent.append(body)

    async def send() -> None:
        commands = Commands(publish)
        commands.know({"NT-1": "k" * 43, "NT-2": ""})
        for unit in ("NT-1", "NT-2", "NT-3"):
            await commands.ack(unit, 7, 12)

    asyncio.run(send())
    assert Seal("k" * 43).proved("ack", "NT-1", sent[0]) == b'{"b":7,"s":12}'
    assert sent[1:] == [b'{"b":7,"s":12}'] * 2
