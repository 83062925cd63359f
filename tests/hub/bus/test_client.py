"""The hub's side of the bus, at a real broker with a real unit's connection."""

import asyncio
import datetime
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from scripted_unit import START, Box
from waiting import DEADLINE

from noisetamer.hub import address
from noisetamer.hub.bus import client, ports
from noisetamer.hub.bus.authority import certificates
from noisetamer.hub.bus.broker import Broker, Listeners
from noisetamer.hub.bus.client import Batch, Bus
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.ingest import Ingest
from noisetamer.hub.registry import Units
from noisetamer.hub.store.writer import Store, Stored
from noisetamer.hub.wire import Seconds, read_report

pytestmark = pytest.mark.service

UNIT = "SIM-0001"


@asynccontextmanager
async def connected(data: Path) -> AsyncIterator[tuple[Bus, Box, Broker]]:
    """A bus, and the unit at the other end of it."""
    units = Units(data / "units.sqlite")
    units.enrol(UNIT)
    listeners = Listeners("127.0.0.1", *(ports.free("127.0.0.1", 0, "") for _ in range(2)))
    now = datetime.datetime.now(datetime.UTC)
    found = certificates(data / "certificates", ["127.0.0.1"], now)
    broker = Broker(data / "broker", listeners, found, units.all())
    address.write(data, "127.0.0.1", listeners.mqtt_port)
    bus = Bus()
    await broker.start()
    try:
        await bus.connect(listeners.hub_port, broker.hub_secret)
        box = await asyncio.to_thread(Box, address.connection_for(data, UNIT))
        with box.mqtt:
            yield bus, box, broker
    finally:
        await bus.close()
        await broker.stop()


def run(data: Path, work: Callable[[Bus, Box, Broker], Awaitable[Any]]) -> Any:
    async def all_of_it() -> Any:
        async with asyncio.timeout(DEADLINE), connected(data) as ends:
            return await work(*ends)

    return asyncio.run(all_of_it())


def here(box: Box) -> None:
    box.mqtt.publish(f"dev/{UNIT}/status", b'{"v":1,"online":true}')


Batches = AsyncGenerator[Batch, None]


async def heard(batches: Batches, box: Box) -> None:
    """Until the broker has a stream for the unit's reports; what is sent before is lost."""
    first = asyncio.ensure_future(anext(batches))
    while not first.done():
        here(box)
        await asyncio.wait([first], timeout=0.1)
    await first.result().done()


async def taken(batches: Batches, count: int) -> list[int]:
    """The numbers of the next records; all marked as taken."""
    found: list[int] = []
    async for batch in batches:
        reports = [read_report(*message) for message in batch.messages]
        found += [report.seq for report in reports if isinstance(report, Seconds)]
        await batch.done()
        if len(found) >= count:
            break
    return found


def test_reports_come_in_their_order(tmp_path: Path):
    async def work(bus: Bus, box: Box, _: Broker) -> list[int]:
        async with aclosing(bus.reports()) as batches:
            await heard(batches, box)
            for seq in range(1, 51):
                box.seconds(seq, START + seq, [500])
            return await taken(batches, 50)

    assert run(tmp_path, work) == list(range(1, 51))


def test_a_stream_that_the_broker_has_already_is_taken_from(tmp_path: Path):
    """As after a machine stood still: what the broker made was not told, or the hub came again."""

    async def work(bus: Bus, box: Box, _: Broker) -> list[int]:
        found: list[int] = []
        for seq in (1, 2):
            async with aclosing(bus.reports()) as batches:
                await heard(batches, box)
                box.seconds(seq, START + seq, [500])
                found += await taken(batches, 1)
        return found

    assert run(tmp_path, work) == [1, 2]


def test_a_unit_has_three_topics_to_speak_on_and_no_others(tmp_path: Path):
    async def work(bus: Bus, box: Box, _: Broker) -> set[str]:
        found: set[str] = set()
        await bus.subscribe("dev.>", lambda message: found.add(message.subject))
        async with asyncio.timeout(DEADLINE):
            while len(found) < 3:
                # Again: the broker may not have heard of the subscription yet.
                for kind in ("notes", "status/x", "", "status", "now", "record"):
                    box.mqtt.publish(f"dev/{UNIT}/{kind}", b"{}", retain=True)
                await asyncio.sleep(0.1)
        return found

    assert run(tmp_path, work) == {f"dev.{UNIT}.{kind}" for kind in ("status", "now", "record")}


def test_a_batch_that_was_not_done_is_delivered_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "ACK_WAIT_SECONDS", 0.5)

    async def work(bus: Bus, box: Box, _: Broker) -> list[int]:
        async with aclosing(bus.reports()) as batches:
            await heard(batches, box)
            box.seconds(1, START, [500])
            await anext(batches)
            return await taken(batches, 1)

    assert run(tmp_path, work) == [1]


def test_after_a_restart_of_the_broker_reports_and_commands_go_on(tmp_path: Path):
    async def work(bus: Bus, box: Box, broker: Broker) -> None:
        batches = bus.reports()
        await heard(batches, box)
        records = asyncio.create_task(taken(batches, 1))
        await broker.stop()
        await Commands(bus.publish).live(UNIT, 60)  # lost, and no error
        await broker.start()
        again = await asyncio.to_thread(Box, address.connection_for(tmp_path, UNIT))
        with again.mqtt:
            while not records.done():
                again.seconds(1, START, [500])
                await asyncio.sleep(0.2)
            await Commands(bus.publish).live(UNIT, 60)
            while (await asyncio.to_thread(again.mqtt.receive))[0] != f"cmd/{UNIT}/live":
                pass
        await batches.aclose()

    run(tmp_path, work)


def test_a_subscriber_that_fails_is_logged_and_costs_nobody_else_anything(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    told: list[Stored] = []

    def failing(stored: Stored) -> None:
        raise ZeroDivisionError("a fault of ours")

    async def work(bus: Bus, box: Box, _: Broker) -> None:
        store = Store(tmp_path / "hub.sqlite")
        commands = Commands(bus.publish)
        ingest = Ingest(bus, commands, store, [failing, told.append], lambda now: None)
        running = asyncio.create_task(ingest.run())
        while not told:  # until there is a stream, reports are lost
            here(box)
            await asyncio.sleep(0.1)
        for seq in (1, 2):
            box.seconds(seq, START + seq, [500])
            await asyncio.to_thread(box.wait_ack, seq)
        while sum(len(stored.fresh) for stored in told) < 2:
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        ingest.close()
        store.close()

    with caplog.at_level(logging.ERROR):
        run(tmp_path, work)
    assert [record.seq for stored in told for record in stored.fresh] == [1, 2]
    assert {status.online for stored in told for status in stored.statuses} <= {True}
    assert "a fault of ours" in caplog.text
    assert "A subscriber failed; what it was told of is stored." in caplog.text
