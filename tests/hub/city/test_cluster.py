"""Three brokers as one, with real boxes' connections: a part of the reports has its consumer, and
the death of the stream's leader costs nothing that its unit does not send again."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mqtt_client import MqttClient, RefusedError
from scripted_unit import START, Box
from waiting import DEADLINE

from noisetamer.hub import address
from noisetamer.hub.bus import ports
from noisetamer.hub.bus.authority import issued
from noisetamer.hub.bus.broker import Broker, Listeners
from noisetamer.hub.bus.client import Bus
from noisetamer.hub.city.broker import Watched
from noisetamer.hub.city.layout import Layout, Server, part_of
from noisetamer.hub.city.prepare import prepare, renew
from noisetamer.hub.registry import Units
from noisetamer.hub.wire import Seconds, read_report

pytestmark = pytest.mark.service

HERE = "127.0.0.1"
UNITS = ("SIM-0001", "SIM-0002", "SIM-0003")
PARTS = 4


@asynccontextmanager
async def cluster(data: Path) -> AsyncIterator[tuple[Layout, list[Broker], Bus]]:
    free = iter(ports.several(HERE, 9))
    servers = [Server(f"nats-{n}", HERE, next(free), next(free), next(free)) for n in (1, 2, 3)]
    city = Layout(PARTS, "secret", "among-brokers", tuple(servers))
    prepare(data, city, [])
    units = Units(data / "units.sqlite")
    for unit in UNITS:
        units.enrol(unit)
    brokers = [
        Broker(
            data / "brokers" / one.name,
            Listeners(HERE, one.boxes, one.hubs),
            issued(data / "certificates" / one.name),
            units.all(),
            city.cluster(one.name, HERE),
        )
        for one in servers
    ]
    bus = Bus(shared=city.shared)
    async with AsyncExitStack() as stack:
        for broker in brokers:
            stack.push_async_callback(broker.stop)
        await asyncio.gather(*(broker.start() for broker in brokers))
        stack.push_async_callback(bus.close)
        await bus.connect_to(city.addresses, city.secret, data / "certificates" / "ca.pem")
        yield city, brokers, bus


async def served(port: int) -> str:
    """The certificate that boxes see there, PEM."""
    return await asyncio.to_thread(ssl.get_server_certificate, (HERE, port))


class PatientBox:
    """Comes again where it is thrown out, as a box does: a cluster that has just begun lets nobody
    in, and one that lost a leader closes, after 5 s, whoever has published meanwhile."""

    def __init__(self, data: Path, city: Layout, unit: str, at: int) -> None:
        self.unit = unit
        self._to = {**address.connection_for(data, unit)}
        self._city = city
        self.go_to(at)

    def go_to(self, at: int) -> None:
        self._to["port"] = self._city.brokers[at].boxes
        self._box: Box | None = None

    def here(self) -> Box:
        while self._box is None:
            try:
                self._box = Box(self._to)
            except (OSError, TimeoutError):
                time.sleep(0.2)
        return self._box

    def send(self, seq: int) -> None:
        try:
            self.here().seconds(seq, START, [612])
        except OSError:
            self._box = None

    def hear(self) -> str:
        """The topic of the next message."""
        while True:
            try:
                return self.here().mqtt.receive()[0]
            except OSError:
                self._box = None


async def told(bus: Bus, box: PatientBox) -> str:
    """What the box hears of what a hub says, which is lost for one that is just coming again."""
    hearing = asyncio.create_task(asyncio.to_thread(box.hear))
    while not hearing.done():
        await bus.publish(f"cmd.{box.unit}.time", b'{"t":1795431600}')
        await asyncio.wait({hearing}, timeout=0.5)
    return hearing.result()


class Taking:
    """All parts, as workers take them."""

    def __init__(self, bus: Bus) -> None:
        self.seen: set[tuple[int, str, int]] = set()
        self._tasks = [asyncio.create_task(self._take(bus, part)) for part in range(PARTS)]

    async def _take(self, bus: Bus, part: int) -> None:
        async for batch in bus.reports(part):
            for message in batch.messages:
                report = read_report(*message)
                if isinstance(report, Seconds):
                    self.seen.add((part, report.unit, report.seq))
            await batch.done()

    async def until(self, box: PatientBox, seq: int) -> int:
        """The part in which the unit's record came, which is sent until it does."""
        while True:
            for part, id, number in self.seen:
                if (id, number) == (box.unit, seq):
                    return part
            await asyncio.to_thread(box.send, seq)
            await asyncio.sleep(0.5)

    async def all(self, boxes: list[PatientBox], seq: int) -> dict[str, int]:
        parts = await asyncio.gather(*(self.until(box, seq) for box in boxes))
        return {box.unit: part for box, part in zip(boxes, parts, strict=True)}

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def test_a_units_part_stays_its_own_and_the_leaders_death_is_survived(tmp_path: Path):
    async def story() -> None:
        async with asyncio.timeout(DEADLINE), cluster(tmp_path) as (city, brokers, bus):
            taking = Taking(bus)
            boxes = [PatientBox(tmp_path, city, unit, at) for at, unit in enumerate(UNITS)]
            parts = await taking.all(boxes, 1)
            assert parts == {unit: part_of(unit, PARTS) for unit in UNITS}
            # what a hub says reaches a box wherever it is connected
            for box in boxes:
                assert await told(bus, box) == f"cmd/{box.unit}/time"

            info = await bus.stream()
            assert info.cluster and info.config.num_replicas == 3
            names = [one.name for one in city.brokers]
            leader = names.index(info.cluster.leader or "")
            await brokers[leader].kill()
            boxes[leader].go_to((leader + 1) % 3)
            assert await taking.all(boxes, 2) == parts

            await brokers[leader].start()
            boxes[leader].go_to(leader)
            assert await taking.all(boxes, 3) == parts
            await taking.end()

    asyncio.run(story())


def test_a_stranger_is_no_broker_and_a_new_certificate_is_taken_up(tmp_path: Path):
    """Another's secret opens neither the cluster nor its brokers to hubs."""

    async def story() -> None:
        async with asyncio.timeout(DEADLINE), cluster(tmp_path) as (city, brokers, bus):
            stranger = Bus(shared=city.shared)
            joining = asyncio.create_task(
                stranger.connect_to(
                    city.addresses, "guessed", tmp_path / "certificates" / "ca.pem"
                )
            )
            await asyncio.wait({joining}, timeout=1.5)
            assert not stranger.connected
            while not joining.done():
                # nats-py may take a cancellation for its own
                joining.cancel()
                await asyncio.wait({joining}, timeout=0.5)
            # a hub's secret is none for a box
            to = {**address.connection_for(tmp_path, UNITS[0]), "port": city.brokers[0].boxes}
            with pytest.raises(RefusedError, match=r"^5$"):
                await asyncio.to_thread(MqttClient, to, user="hub", secret=city.secret)
            first = city.brokers[0]
            looked_at = Watched(tmp_path / "certificates" / first.name)
            assert not looked_at.is_another()
            renew(tmp_path, datetime.now(UTC))
            assert looked_at.is_another()
            assert not looked_at.is_another()
            brokers[0].reload()
            renewed = (tmp_path / "certificates" / first.name / "server.pem").read_text().strip()
            while (await served(first.boxes)).strip() != renewed:
                await asyncio.sleep(0.1)
            assert bus.connected

    asyncio.run(story())
