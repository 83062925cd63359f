"""A load from its first connection to its account."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.hub.registry import Units
from noisetamer.load.account import Account, accounts
from noisetamer.load.box import Told
from noisetamer.load.faults import Fault
from noisetamer.load.fleet import Fleet
from noisetamer.load.levels import BATCH
from noisetamer.load.session import Counts, Login
from noisetamer.load.site import Meter, OwnHub, Site, rss
from tamer.tell.backoff import STARTS_WITHIN

UNIT = "SIM-L{:05}"
# Each loopback address has its own 28,000 ports.
_OF_AN_ADDRESS = 10_000
_LOOK = 0.5
# How long the hub may take at the end, to acknowledge what is on its way.
_REST_SECONDS = 120.0
_COMES_SECONDS = 300.0
# Without anything new, until the hub is asked whether it is well.
STILL_SECONDS = 10.0


@dataclass(frozen=True)
class Plan:
    """seconds: from when all have come; every: s between two batches of a box; backlog: batches
    that each brings along; within: s in which all come; processes: 0: as many as cores."""

    units: int
    seconds: float
    faults: Sequence[tuple[str, Fault]]
    seed: int = 1
    every: float = float(BATCH)
    backlog: int = 0
    within: float = STARTS_WITHIN / 1000
    processes: int = 0


@dataclass
class Stretch:
    """One part of a load: coming, calm, or a fault and what follows it.

    seconds: how long it took; back: s until all boxes were connected again after they were not,
    None where they stayed; cpu: s by what used it; rss: bytes at its end.
    """

    name: str
    seconds: float = 0.0
    back: float | None = None
    counts: Counts = field(default_factory=Counts)
    cpu: dict[str, float] = field(default_factory=dict)
    rss: dict[str, int] = field(default_factory=dict)
    up: int = 0
    account: Account = field(default_factory=Account)
    said: str = ""


@dataclass
class Found:
    """stretches: in their order; stored: records of these boxes in the store; held: records that
    were not acknowledged when it ended; rest: what faults at rest told."""

    stretches: list[Stretch]
    stored: int = 0
    held: int = 0
    at_rest: list[tuple[str, str]] = field(default_factory=list)


class Load:
    """One. progress: called with a line a few times a second at most."""

    def __init__(self, plan: Plan, site: Site, progress: Callable[[str], None]) -> None:
        self._plan, self._site, self._progress = plan, site, progress
        self._own = site if isinstance(site, OwnHub) else None
        self._meter = Meter(site)
        self._told: list[Told] = []
        self._stretches: list[Stretch] = []
        self._marks: list[list[int]] = []
        self._units = [UNIT.format(number) for number in range(1, plan.units + 1)]

    @property
    def units(self) -> list[str]:
        """Names of its boxes."""
        return self._units

    async def run(self) -> Found:
        """All but what is looked at when the hub is at rest. Raises UserError."""
        plan = self._plan
        logins = logins_of(self._site, self._units, plan)
        fleet = Fleet(
            logins,
            self._site.data / "certificates" / "ca.der",
            plan.seed,
            every=plan.every,
            backlog=plan.backlog,
            within=plan.within,
        )
        try:
            fleet.start(plan.processes)
            await self._stretch("coming", fleet, _COMES_SECONDS + plan.within, until_up=True)
            running = [fault for fault in plan.faults if not fault[1].at_rest]
            each = plan.seconds / (len(running) + 1)
            await self._stretch("calm", fleet, each)
            for name, fault in running:
                await self._stretch(name, fleet, each, fault)
            fleet.tell("rest")
            await self._stretch("rest", fleet, _REST_SECONDS, until_acknowledged=True)
            return Found(self._stretches, held=fleet.held)
        finally:
            await asyncio.to_thread(fleet.stop)
            self._told = [login.told for login in logins]

    def account(self, found: Found) -> None:
        """Look for all that was acknowledged in the hub's store."""
        store = self._site.data / "hub.sqlite"
        each, found.stored = accounts(store, self._told, self._marks)
        for stretch, account in zip(found.stretches, each, strict=True):
            stretch.account = account

    async def _stretch(
        self,
        name: str,
        fleet: Fleet,
        seconds: float,
        fault: Fault | None = None,
        until_up: bool = False,
        until_acknowledged: bool = False,
    ) -> None:
        stretch = Stretch(name)
        began, before = time.monotonic(), self._used(fleet)
        task = asyncio.ensure_future(fault.inject(self._site, fleet)) if fault else None
        was_down = until_up
        last, at = 0, began
        still = _Still(began)
        while True:
            await asyncio.sleep(_LOOK)
            fleet.look()
            stretch.counts.join(fleet.take())
            now = time.monotonic()
            if self._own and (task is None or task.done()):
                self._own.look()
            new = stretch.counts.connected, stretch.counts.acknowledged
            # one that was made ill on purpose has its time to recover
            if self._own and not self._plan.faults and still.is_so(now, new):
                await asyncio.to_thread(self._own.look_closely)
            is_up = fleet.up == self._plan.units
            if not is_up:
                was_down, stretch.back = True, None
            elif was_down and stretch.back is None and (task is None or task.done()):
                stretch.back = now - began
            if now - at >= 2:
                self._meter.look()
                rate = (stretch.counts.acknowledged - last) / (now - at)
                self._progress(
                    f"{name}: {now - began:.0f} s, {fleet.up} of {self._plan.units} boxes "
                    f"connected, {stretch.counts.acknowledged} batches acknowledged "
                    f"({rate:.0f} a second), {fleet.held} on their way"
                )
                last, at = stretch.counts.acknowledged, now
            if until_up and is_up:
                break
            if until_acknowledged and not fleet.held:
                break
            if now - began >= seconds and (task is None or task.done()):
                break
        if task:
            stretch.said = await task
        stretch.seconds = time.monotonic() - began
        stretch.up = fleet.up
        used = self._used(fleet)
        stretch.cpu = {what: used[what] - before[what] for what in used}
        stretch.rss = {
            **{w: sum(map(rss, of)) for w, of in self._site.processes().items()},
            "load": fleet.rss,
        }
        self._marks.append(await fleet.marks())
        stretch.counts.join(fleet.take())
        self._stretches.append(stretch)

    def _used(self, fleet: Fleet) -> dict[str, float]:
        return {**self._meter.look(), "load": fleet.cpu}


class _Still:
    """Whether figures have stayed the same for STILL_SECONDS; begun anew when it has been told."""

    def __init__(self, now: float) -> None:
        self._figures: object = None
        self._since = now

    def is_so(self, now: float, figures: object) -> bool:
        is_long = figures == self._figures and now - self._since >= STILL_SECONDS
        if is_long or figures != self._figures:
            self._figures, self._since = figures, now
        return is_long


def logins_of(site: Site, units: Sequence[str], plan: Plan) -> list[Login]:
    """What each box has been given. Raises UserError."""
    addresses = site.addresses()
    registry = Units(site.data / "units.sqlite")
    secrets = {unit.id: unit.secret for unit in registry.all()}
    commands, chains = registry.command_keys(), registry.chain_keys()
    planned = plan.seconds * BATCH / plan.every + BATCH * plan.backlog
    begin = int(time.time() - planned)
    found: list[Login] = []
    for number, unit in enumerate(units):
        host, port = addresses[number % len(addresses)]
        local = host.startswith("127.") or host == "localhost"
        source = f"127.0.1.{1 + number // _OF_AN_ADDRESS}" if local else ""
        told = Told(unit, 37 * number, begin, plan.seed)
        found.append(
            Login(told, secrets[unit], commands[unit], chains[unit][-1].key, host, port, source)
        )
    return found


def fresh_folder(data: Path) -> None:
    """Raises UserError where it has something in it."""
    if data.exists() and any(data.iterdir()):
        raise UserError(f"{data} is not empty: name a new folder.")
