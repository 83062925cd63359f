"""How reports come to a hub: by a broker and a store of its own, or as a city's workers tell."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from noisetamer.base.database import place
from noisetamer.hub.bus.client import Bus
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.health import BrokerState, Certified, Stores
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.ingest import Ingest, Subscriber
from noisetamer.hub.maintenance.packing import Packing
from noisetamer.hub.maintenance.retention import Retention, needed_by_incidents, spans_of
from noisetamer.hub.maintenance.summing import Summing
from noisetamer.hub.options import Options
from noisetamer.hub.phones.listeners import Listeners
from noisetamer.hub.phones.worker import Outbox
from noisetamer.hub.quota import Quotas
from noisetamer.hub.reached import broker_of
from noisetamer.hub.registry import ChainKeys, Unit, Units
from noisetamer.hub.store.writer import Store
from noisetamer.hub.updates.updates import Updates
from noisetamer.hub.wire import Now

if TYPE_CHECKING:
    from noisetamer.hub.leases.sole import SoleUse

Parts = Mapping[str, Callable[[], Awaitable[None]]]
"""{name: work without end}."""


@dataclass(frozen=True)
class Takers:
    """Who is told: of each commit, of each live second, of how long a commit took (s)."""

    on_stored: Sequence[Subscriber]
    on_now: Callable[[Now], None]
    on_commit: Callable[[float], None]


class Intake(Protocol):
    """last_alive: when the store was last proved to be written, Unix s; restored: whether it comes
    from a backup since; several: whether other hubs have the same stores."""

    bus: Bus
    last_alive: float | None
    restored: bool
    several: bool

    @property
    def broker(self) -> BrokerState: ...
    @property
    def certified(self) -> Certified: ...

    def begin(self, commands: Commands, takers: Takers, quotas: Quotas) -> Stores:
        """Who stores, or tells what is stored."""
        ...

    async def start(self) -> None:
        """Reach the broker. Raises UserError."""
        ...

    def parts(self, incidents: Incidents, updates: Updates) -> Parts: ...

    def alone(self, parts: Parts) -> Parts:
        """These, as they run where only one hub may do each."""
        ...

    def outbox(self, incidents: Incidents) -> Outbox:
        """The calls that this hub makes."""
        ...

    async def link(self, incidents: Incidents, listeners: Listeners) -> None:
        """To other hubs, where there are some."""
        ...

    async def admit(self, units: Iterable[Unit]) -> None:
        """These units there are now."""
        ...

    async def barred(self) -> str:
        """Returns when this hub may not go on: why, a sentence."""
        ...

    async def close(self) -> None: ...


class OwnIntake:
    """One machine: the broker is a child of this process, which alone writes the store."""

    several = False

    def __init__(self, options: Options, units: Units) -> None:
        """Raises UserError where this hub may not be the one that writes, StoreError."""
        self._options = options
        self.broker, self.certified = broker_of(options, units)
        self._chain_keys = ChainKeys(units)
        # a hub with files needs no driver
        self._sole = _sole_use(options.data) if place.url_of(options.data) else None
        fence = self._sole.fence.hold if self._sole else None
        self._store = Store(options.data / "hub.sqlite", self._chain_keys, fence)
        self.last_alive, self.restored = self._store.last_alive, self._store.restored
        self.bus = Bus(options.gather)

    def begin(self, commands: Commands, takers: Takers, quotas: Quotas) -> Ingest:
        told = takers.on_stored, takers.on_now, quotas, takers.on_commit
        self._ingest = Ingest(self.bus, commands, self._store, *told)
        self._quotas = quotas
        return self._ingest

    async def start(self) -> None:
        await self.broker.start()
        await self.bus.connect(self.broker.listeners.hub_port, self.broker.hub_secret)

    def parts(self, incidents: Incidents, updates: Updates) -> Parts:
        ingest, options = self._ingest, self._options
        if self._sole:
            incidents.resume(self._sole.fence.hold)
            updates.resume(self._sole.fence.hold)
        kept: dict[str, Callable[[], Awaitable[None]]] = {}
        if options.keep_days is not None and options.export_to is not None:
            needed = needed_by_incidents(lambda: spans_of(incidents, time.time()))
            retention = Retention(ingest, options.keep_days, options.export_to, needed)
            kept["retention"] = retention.run
        return {
            "broker": self.broker.supervise,
            "certificates": lambda: self.certified.run(self.broker.reload),
            "ingest": ingest.run,
            "store": ingest.prove,
            "refused records": ingest.read_again,
            "past days": Packing(ingest).run,
            "roll-ups": Summing(ingest).run,
            **kept,
        }

    def alone(self, parts: Parts) -> Parts:
        return parts

    def outbox(self, incidents: Incidents) -> Outbox:
        return incidents

    async def link(self, incidents: Incidents, listeners: Listeners) -> None:
        pass

    async def admit(self, units: Iterable[Unit]) -> None:
        # before the broker lets them in
        await asyncio.to_thread(self._chain_keys.load)
        shut_out = self._quotas.shut_out()
        self.broker.admit([unit for unit in units if unit.id not in shut_out])

    async def barred(self) -> str:
        if self._sole:
            return await self._sole.lost()
        return await asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        self._ingest.close()
        await self.bus.close()
        await self.broker.stop()
        self._store.close()
        if self._sole:
            await asyncio.to_thread(self._sole.close)


def _sole_use(data: Path) -> "SoleUse":
    from noisetamer.hub.leases.sole import SoleUse

    return SoleUse(data)
