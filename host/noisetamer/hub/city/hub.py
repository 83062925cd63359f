"""A hub of a city: pages and calls as on one machine, fed by what workers tell.

What only one hub may do at a time (deciding on incidents, the log, roll-outs) it does while it has
the lease; an incident's calls are made by the hub that has the lease of its number.
"""

import argparse
import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing

from noisetamer.base import database
from noisetamer.base.database import Connection
from noisetamer.hub import serve
from noisetamer.hub.bus.authority import Certificates, issued
from noisetamer.hub.bus.client import Bus, Message
from noisetamer.hub.bus.commands import Commands
from noisetamer.hub.city import layout, told
from noisetamer.hub.city.tenant import Tenancy, together
from noisetamer.hub.incidents.incident import Effect, Entry, Incident
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.ingest import LIVE_SECONDS
from noisetamer.hub.intake import Parts, Takers
from noisetamer.hub.leases.leases import Fence
from noisetamer.hub.options import Options
from noisetamer.hub.phones.listeners import Listeners
from noisetamer.hub.phones.worker import Outbox
from noisetamer.hub.quota import Quotas
from noisetamer.hub.registry import Unit, Units
from noisetamer.hub.store.schema import SCHEMA
from noisetamer.hub.updates.updates import Updates
from noisetamer.hub.wire import Now, RefusedError, read_report

KIND = "hub"
CALLS = 8
"""An incident's calls are those of one of so many leases, by its number."""
# What only one hub may do at a time, by the lease under which it does.
DUTIES = {
    "incidents": ("incidents", "permits", "pacts", "cameras", "old pictures", "time"),
    "log": ("log", "witnesses", "time stamps", "inspection"),
    "updates": ("updates",),
}
CHANGED, PHONES = "hub.incidents", "hub.phones"
"""Subjects by which hubs tell each other what changed."""

_log = logging.getLogger("noisetamer.hub")


def run(arguments: argparse.Namespace) -> None:
    """As `serve.run`. arguments: of `noisetamer city hub`."""
    options = Options(
        data=arguments.data,
        bind=arguments.bind,
        port=arguments.port,
        utc_offset=arguments.utc_offset,
        https=arguments.https,
        exit_with_stdin=arguments.with_parent,
        at_terminal=not arguments.with_parent,
        inbox=arguments.inbox,
        log=arguments.log,
        lock=f"lock-{arguments.name}",
    )
    serve.run(options, CityIntake)


class CityIntake:
    """An `Intake`. Its broker is the cluster, its store is written by workers."""

    several = True

    def __init__(self, options: Options, units: Units) -> None:
        """Raises UserError where the city's folder or its database cannot be used."""
        self._data = options.data
        self._layout = layout.read(options.data)
        self.bus = Bus(options.gather, self._layout.shared)
        store = options.data / "hub.sqlite"
        # what readers expect is there, whoever starts first
        database.opened(store, SCHEMA).close()
        with closing(database.reader(store)) as reader:
            row = reader.execute("SELECT at FROM alive").fetchone()
        self.last_alive: float | None = row and row[0]
        self.restored = False
        self.failing, self.committed = "", time.time()
        self.log_file = options.data / "city.toml"
        self._duties: dict[str, Parts] = {}
        self._resume: dict[str, Callable[[Callable[[Connection], None]], None]] = {}
        leases = [*map(duty, DUTIES), *(calls(number) for number in range(CALLS))]
        self._tenancy = Tenancy(options.data, KIND, leases, self._do)

    # As the hub's health asks

    @property
    def broker(self) -> "CityIntake":
        return self

    @property
    def certified(self) -> "CityIntake":
        return self

    @property
    def runs(self) -> bool:
        """Brokers are looked after where they are."""
        return True

    @property
    def certificates(self) -> Certificates:
        return issued(self._data / "certificates" / self._layout.brokers[0].name)

    @property
    def server_days(self) -> float:
        """Of the first of the brokers to end that has its certificate here."""
        ends = [
            issued(folder).server_ends
            for one in self._layout.brokers
            if (folder := self._data / "certificates" / one.name).is_dir()
        ]
        return min((one.timestamp() - time.time() for one in ends), default=3650 * 86400) / 86400

    @property
    def authority_days(self) -> float:
        return (self.certificates.authority_ends.timestamp() - time.time()) / 86400

    # As serve asks

    def begin(self, commands: Commands, takers: Takers, quotas: Quotas) -> "CityIntake":
        self._takers, self._quotas = takers, quotas
        return self

    async def start(self) -> None:
        authority = self._data / "certificates" / "ca.pem"
        await self.bus.connect_to(self._layout.addresses, self._layout.secret, authority)
        await self.bus.subscribe(told.SUBJECT, self._stored)
        await self.bus.subscribe(LIVE_SECONDS, self._quotas.guarded(self._now))

    def parts(self, incidents: Incidents, updates: Updates) -> Parts:
        self._resume = {duty("incidents"): incidents.resume, duty("updates"): updates.resume}
        return {"leases": self._tenancy.run, "database": self._look}

    def alone(self, parts: Parts) -> Parts:
        """None of them runs by itself: each with its lease."""
        self._duties = {
            duty(name): {part: parts[part] for part in of if part in parts}
            for name, of in DUTIES.items()
        }
        left = parts.keys() - {part for of in DUTIES.values() for part in of}
        self._duties[duty("incidents")] = {
            **self._duties[duty("incidents")],
            **{part: parts[part] for part in left},
        }
        return {}

    def outbox(self, incidents: Incidents) -> Outbox:
        return OwnCalls(incidents, self._tenancy.has)

    async def link(self, incidents: Incidents, listeners: Listeners) -> None:
        """Hubs hear of each other what has changed, and which phone took what."""

        def publish(subject: str, body: str) -> None:
            task = asyncio.get_running_loop().create_task(self.bus.publish(subject, body.encode()))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

        self._telling: set[asyncio.Task[None]] = set()
        own = self._tenancy.name

        def changed(message: Message) -> None:
            sender, *ids = message.body.decode().split()
            if sender != own:
                incidents.changed_elsewhere(set(map(int, ids)))

        def phones(message: Message) -> None:
            sender, what, name = message.body.decode().split(" ", 2)
            if sender != own:
                listeners.told(what, name)

        await self.bus.subscribe(CHANGED, changed)
        await self.bus.subscribe(PHONES, phones)
        incidents.tell_elsewhere(lambda ids: publish(CHANGED, " ".join([own, *map(str, ids)])))
        listeners.relay = lambda what, name: publish(PHONES, f"{own} {what} {name}")

    async def admit(self, units: Iterable[Unit]) -> None:
        """Brokers and workers read the registry themselves."""

    async def barred(self) -> str:
        """Of many, none is."""
        return await asyncio.get_running_loop().create_future()

    async def close(self) -> None:
        await self._tenancy.close()
        await self.bus.close()

    async def _do(self, fence: Fence) -> None:
        """The parts of a duty; of calls there is nothing to run: `OwnCalls` asks who has them."""
        if resume := self._resume.get(fence.lease):
            resume(fence.hold)
        await together(self._duties.get(fence.lease, {}))

    async def _look(self) -> None:
        """Whether what is acknowledged can be committed: workers prove it now and then."""
        while True:
            try:
                at = await asyncio.to_thread(self._proved)
                self.failing, self.committed = "", max(self.committed, at)
            except database.Error as error:
                self.failing = f"The database is away ({error})."
            await asyncio.sleep(5)

    def _proved(self) -> float:
        with closing(database.reader(self._data / "hub.sqlite")) as reader:
            row = reader.execute("SELECT at FROM alive").fetchone()
        return row[0] if row else 0.0

    def _stored(self, message: Message) -> None:
        try:
            stored = told.stored_of(message.body)
        except (ValueError, RefusedError) as error:
            _log.warning("What a worker tells is not understood (%s).", error)
            return
        self.committed = max(self.committed, stored.received)
        for subscriber in self._takers.on_stored:
            try:
                subscriber(stored)
            except Exception:
                _log.exception("A subscriber failed; what it was told of is stored.")

    def _now(self, message: Message) -> None:
        try:
            report = read_report(message.subject, message.body)
        except RefusedError:
            return
        if isinstance(report, Now):
            self._takers.on_now(report)


class OwnCalls:
    """The calls of those incidents that are this hub's now; an `Outbox`."""

    def __init__(self, incidents: Incidents, has: Callable[[str], bool]) -> None:
        self._incidents = incidents
        self._has = has

    def due(self, now: float, kinds: Sequence[str], most: int) -> Sequence[Effect]:
        found = self._incidents.due(now, kinds, most)
        return [effect for effect in found if self._has(calls(effect.incident))]

    def effect(self, key: str) -> Effect | None:
        """As it is now; None where it has become another hub's: that one calls."""
        found = self._incidents.effect(key)
        return found if found and self._has(calls(found.incident)) else None

    def sent(self, key: str, result: str, detail: str, at: float) -> object:
        return self._incidents.sent(key, result, detail, at)

    def postpone(self, key: str, due: float, detail: str) -> object:
        return self._incidents.postpone(key, due, detail)

    def one(self, id: int) -> Incident | None:
        return self._incidents.one(id)

    def timeline(self, id: int) -> Sequence[Entry]:
        return self._incidents.timeline(id)


def duty(name: str) -> str:
    return f"duty-{name}"


def calls(incident: int) -> str:
    return f"calls-{incident % CALLS}"
