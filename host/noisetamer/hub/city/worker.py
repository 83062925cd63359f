"""A worker: stores what the boxes of its parts report, acknowledges, and tells the hubs.

Each part has one worker at a time, by lease, and its store there is the part's one writer. What a
worker commits carries the fence of its lease: taken from it meanwhile, it stores nothing, hence
acknowledges nothing, and lets go of the part.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from noisetamer.hub import logs
from noisetamer.hub.bus.client import Batch, Bus, Message
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.city import layout, told
from noisetamer.hub.city.layout import part_of
from noisetamer.hub.city.tenant import Tenancy, together
from noisetamer.hub.ingest import Ingest
from noisetamer.hub.leases.leases import Fence
from noisetamer.hub.maintenance.packing import Packing
from noisetamer.hub.maintenance.summing import Summing
from noisetamer.hub.process import allow_many_files, stop_on_signal
from noisetamer.hub.quota import Quotas
from noisetamer.hub.registry import ChainKeys, Units
from noisetamer.hub.store.writer import Store, Stored
from noisetamer.hub.upkeep import Upkeep

KIND = "worker"
_log = logging.getLogger("noisetamer.hub")


@dataclass(frozen=True)
class Options:
    """with_parent: ends when standard input closes."""

    data: Path
    log: str = logs.TEXT
    with_parent: bool = False


def run(options: Options) -> None:
    """Until SIGINT or SIGTERM. Raises UserError for what the user can mend."""
    allow_many_files()
    logs.set_up(options.log)
    asyncio.run(_work(options))


def part(number: int) -> str:
    """The lease of a part of the stream of reports."""
    return f"part-{number}"


class PartOfBus:
    """The bus, for an `Ingest` that takes one part of the reports."""

    def __init__(self, bus: Bus, number: int) -> None:
        self._bus = bus
        self._number = number

    def reports(self) -> AsyncGenerator[Batch, None]:
        return self._bus.reports(self._number)

    async def subscribe(self, subject: str, callback: Callable[[Message], None]) -> None:
        """Live seconds go to the hubs."""


class Work:
    """What a lease has this worker do: started when it is taken, ended when it is gone."""

    def __init__(self, options: Options, parts: int, bus: Bus, commands: Commands) -> None:
        self._data = options.data
        self._bus = bus
        self._commands = commands
        self._quotas = Quotas()
        self._parts = {part(number): number for number in range(parts)}
        self.chain_keys = ChainKeys(Units(options.data / "units.sqlite"))
        self._telling: set[asyncio.Task[None]] = set()

    async def do(self, fence: Fence) -> None:
        """Until cancelled. Its units' hours and days are summed up and packed here too."""
        number, parts = self._parts[fence.lease], len(self._parts)
        store = await asyncio.to_thread(
            lambda: Store(
                self._data / "hub.sqlite",
                self.chain_keys,
                fence.hold,
                lambda unit: part_of(unit, parts) == number,
            )
        )
        bus = PartOfBus(self._bus, number)
        ingest = Ingest(bus, self._commands, store, [self._tell], lambda _: None, self._quotas)
        works = {
            f"part {number}": ingest.run,
            "store": ingest.prove,
            "refused records": ingest.read_again,
            "past days": Packing(ingest).run,
            "roll-ups": Summing(ingest).run,
        }
        try:
            await together(works)
        finally:
            # beside the loop: a commit under way may wait for a database that is away
            await asyncio.to_thread(ingest.close)
            store.close()

    def _tell(self, stored: Stored) -> None:
        """The hubs, without waiting for it."""
        task = asyncio.get_running_loop().create_task(self._told(stored))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _told(self, stored: Stored) -> None:
        for message in told.messages(stored):
            await self._bus.publish(told.SUBJECT, message)


async def _work(options: Options) -> None:
    city = layout.read(options.data)
    bus = Bus(shared=city.shared)
    commands = Commands(bus.publish)
    work = Work(options, city.parts, bus, commands)
    units = Units(options.data / "units.sqlite")
    commands.know(units.command_keys())
    leases = [part(number) for number in range(city.parts)]
    tenancy = Tenancy(options.data, KIND, leases, work.do)
    upkeep = Upkeep()

    async def notice_units() -> None:
        await asyncio.to_thread(work.chain_keys.load)
        commands.know(await asyncio.to_thread(units.command_keys))

    stopping = asyncio.Event()
    stop_on_signal(stopping, options.with_parent)
    try:
        await bus.connect_to(city.addresses, city.secret, options.data / "certificates" / "ca.pem")
        tasks = [
            asyncio.create_task(upkeep.endless("leases", tenancy.run)),
            asyncio.create_task(upkeep.again_and_again("registry", notice_units)),
        ]
        print(f"ready: worker {tenancy.name}", flush=True)
        await stopping.wait()
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    finally:
        await tenancy.close()
        await bus.close()
