"""Whatever a service answers, a format says one of three things: sent, refused, try again."""

import asyncio
import itertools
from types import ModuleType
from typing import Any

import pytest
from service_beside import Reply, Service, service
from some_facts import NOON, around, asked, event, period

from noisetamer.hub.forward import influx, ngsi, sensor_community, sensor_things, webhook
from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.forward.format import Format, Refused, Sent, Unreachable

KEYS: dict[ModuleType, dict[str, Any]] = {
    influx: {"bucket": "b", "token_file": "t"},
    ngsi: {},
    sensor_things: {"levels": ["LAeq"]},
    sensor_community: {"sensors": {"SIM-0001": "esp32-1"}},
    webhook: {"secret_file": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
}
STATUSES = (200, 201, 207, 302, 400, 422, 500)
BODIES: tuple[Any, ...] = (
    b"",
    b"\xff\xfe not text",
    "a text",
    7,
    None,
    [],
    ["error"] * 3,
    [None, 7, {}],
    {},
    {"error": {"message": ["nested"]}, "data": "none", "errors": 3, "value": {"a": 1}},
    {"value": [7, None]},
    {"value": [{"name": "Noise Tamer SIM-0001"}]},
    {"errors": ["x"]},
    {"errors": [{"entityId": ["x"], "error": "bad"}]},
    {"errors": [{"entityId": "x", "error": {"status": "500"}}]},
    {"data": [{"line_number": True}, {"line_number": 99}]},
    {"data": [7]},
)
FACTS: list[Fact] = [*(period(NOON + 60 * i) for i in range(3)), event()]


@pytest.mark.parametrize("module", KEYS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_any_answer_is_understood(module: ModuleType):
    # of a webhook each is a message of its own
    facts = FACTS[-1:] if module is webhook else FACTS

    async def send(there: Service) -> None:
        made: Format = module.make(
            asked(module, url=there.url, private=True, **KEYS[module]), around(NOON + 190)
        )
        for status, body in itertools.product(STATUSES, BODIES):
            there.answer = lambda _, status=status, body=body: Reply(status, body)
            try:
                sent = await made.send(facts)
            except (Refused, Unreachable) as why:
                assert str(why)
                continue
            assert isinstance(sent, Sent)
            assert 0 <= sent.taken + len(sent.refused) <= len(facts)
            assert status < 300 or sent.refused
        await made.close()

    with service() as there:
        asyncio.run(send(there))
