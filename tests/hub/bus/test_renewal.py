"""Certificates that are renewed while the hub runs, at a real broker with a real unit."""

import asyncio
import datetime
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from mqtt_client import MqttClient
from scripted_unit import Box
from waiting import DEADLINE

from noisetamer.hub import address
from noisetamer.hub.bus import ports, renewal
from noisetamer.hub.bus.broker import Broker, Listeners
from noisetamer.hub.bus.renewal import Renewal
from noisetamer.hub.registry import Units

pytestmark = pytest.mark.service

HERE = "127.0.0.1"
MADE = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


class Calendar:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = MADE

    def __call__(self) -> datetime.datetime:
        return self.now


def served(port: int, ca_der: Path) -> bytes:
    """The certificate that the broker shows now."""
    context = ssl.create_default_context(cadata=ca_der.read_bytes())
    with (
        socket.create_connection((HERE, port), DEADLINE) as plain,
        context.wrap_socket(plain, server_hostname=HERE) as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not await true():
            await asyncio.sleep(0.02)


def test_a_hub_that_runs_over_its_renewal_day_loses_no_unit_and_refuses_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(renewal, "LOOK_SECONDS", 0.01)
    calendar = Calendar()

    async def work() -> None:
        units = Units(tmp_path / "units.sqlite")
        units.enrol("SIM-0001")
        keeper = Renewal(tmp_path / "certificates", [HERE], calendar)
        found = keeper.certificates
        listeners = Listeners(HERE, *(ports.free(HERE, 0, "") for _ in range(2)))
        broker = Broker(tmp_path / "broker", listeners, found, units.all())
        address.write(tmp_path, HERE, listeners.mqtt_port)
        await broker.start()
        looking = asyncio.create_task(keeper.run(broker.reload))
        try:
            to = address.connection_for(tmp_path, "SIM-0001")
            box = await asyncio.to_thread(Box, to)

            async def shown() -> bytes:
                return await asyncio.to_thread(served, listeners.mqtt_port, found.ca_der)

            first = await shown()
            calendar.now += 690 * DAY
            await asyncio.sleep(0.1)
            assert await shown() == first
            calendar.now += 20 * DAY

            async def renewed() -> bool:
                return await shown() != first

            await until(renewed)
            assert keeper.server_days > 700
            box.mqtt.publish("dev/SIM-0001/status", b"{}")
            box.mqtt.wait_puback()  # its connection still stands
            box.mqtt.close()
            with await asyncio.to_thread(MqttClient, to):
                pass  # and whoever comes is let in
        finally:
            looking.cancel()
            await broker.stop()

    asyncio.run(work())


def test_what_keeps_a_renewal_from_being_made_is_said_once_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    calendar = Calendar()
    keeper = Renewal(tmp_path, [HERE], calendar)
    key = (tmp_path / "ca.key").read_bytes()
    (tmp_path / "ca.key").write_bytes(b"rubbish")
    calendar.now += 710 * DAY
    with caplog.at_level(logging.ERROR):
        assert not keeper.look()
        assert not keeper.look()
    assert len([r for r in caplog.records if "cannot be renewed" in r.message]) == 1
    assert 19 < keeper.server_days < 21
    (tmp_path / "ca.key").write_bytes(key)
    assert keeper.look()
    assert keeper.server_days > 700
