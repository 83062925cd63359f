"""What can go wrong on one machine, by name: `noisetamer load --faults`.

A fault is called in the middle of a load and returns when it is over; what it cost is in the
table. Whoever has more than one hub to disturb adds to FAULTS what can be done to those.
"""

import asyncio
import os
import random
import signal
from collections.abc import Callable, Coroutine
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit
from typing import TYPE_CHECKING, Any

from noisetamer.base.errors import UserError
from noisetamer.load.city import City
from noisetamer.load.site import OwnHub, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noisetamer.load.fleet import Fleet

PAUSE_SECONDS = 8.0
FULL_SECONDS = 20.0
# Longer than the broker waits for a silent box (45 s), shorter than a box for its hub (75 s).
PARTITION_SECONDS = 60.0
PARTED = 0.5


@dataclass(frozen=True)
class Fault:
    """what: in a sentence. at_rest: called once the hub has ended, not while it runs; it returns
    what was seen, and raises UserError where that is not as it should be."""

    what: str
    inject: "Callable[[Site, Fleet | None], Coroutine[Any, Any, str]]"
    at_rest: bool = False


async def _broker_kill(site: Site, fleet: "Fleet | None") -> str:
    for process in _running(site, "broker"):
        os.kill(process, signal.SIGKILL)
    return ""


async def _hub_kill(site: Site, fleet: "Fleet | None") -> str:
    hub = _own(site, "hub-kill")
    await hub.kill()
    await hub.restart()
    return ""


async def _pause(site: Site, fleet: "Fleet | None") -> str:
    stopped = [*_running(site, "hub"), *_running(site, "broker")]
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    try:
        await asyncio.sleep(PAUSE_SECONDS)
    finally:
        for process in stopped:
            os.kill(process, signal.SIGCONT)
    return ""


async def _disk_full(site: Site, fleet: "Fleet | None") -> str:
    """No file of the hub may grow: what a full disk answers, without filling anybody's disk."""
    size = 4096
    with _no_larger(_running(site, "hub"), size):
        await asyncio.sleep(FULL_SECONDS)
    return ""


async def _storm(site: Site, fleet: "Fleet | None") -> str:
    assert fleet is not None
    fleet.tell("cut")
    return ""


async def _partition(site: Site, fleet: "Fleet | None") -> str:
    assert fleet is not None
    fleet.tell("cut_off", PARTED, True)
    try:
        await asyncio.sleep(PARTITION_SECONDS)
    finally:
        fleet.tell("cut_off", PARTED, False)
    return ""


async def _leader_kill(site: Site, fleet: "Fleet | None") -> str:
    return await _city(site, "leader-kill").kill_leader()


async def _standby_promotion(site: Site, fleet: "Fleet | None") -> str:
    return await _city(site, "standby-promotion").kill_primary()


async def _one_bit(site: Site, fleet: "Fleet | None") -> str:
    """In the store, at rest; it is turned back afterwards."""
    from noisetamer.hub.maintenance.check import check

    _own(site, "one-bit")
    file = site.data / "hub.sqlite"
    place, bit = _bit_of_a_record(file)
    with _turned(file, place, bit):
        ill = await asyncio.to_thread(lambda: [one for one in check(site.data) if one.ill])
    if not ill:
        raise UserError(f"{file}: bit {bit} of byte {place} was turned, and no check found it.")
    return f"bit {bit} of byte {place} of {file.name}: found ({ill[0].what}: {ill[0].said})"


FAULTS: dict[str, Fault] = {
    "broker-kill": Fault("the broker is killed (-9)", _broker_kill),
    "hub-kill": Fault("the hub is killed (-9), its broker with it, and started again", _hub_kill),
    "disk-full": Fault(f"for {FULL_SECONDS:g} s no file of the hub can grow", _disk_full),
    "pause": Fault(f"hub and broker stand still for {PAUSE_SECONDS:g} s", _pause),
    "storm": Fault("all connections are cut at once", _storm),
    "partition": Fault(
        f"for {PARTITION_SECONDS:g} s nothing passes to or from half of the boxes", _partition
    ),
    "leader-kill": Fault("of a city: the broker that leads is killed (-9)", _leader_kill),
    "standby-promotion": Fault(
        "of a city: PostgreSQL's primary is killed (-9), and its standby promoted",
        _standby_promotion,
    ),
    "one-bit": Fault("a bit of the store is turned while it is at rest", _one_bit, at_rest=True),
}


def _running(site: Site, what: str) -> list[int]:
    found = site.processes().get(what, [])
    if not found:
        raise UserError(f"There is no {what} of {site.data} on this machine to be disturbed.")
    return found


def _city(site: Site, fault: str) -> City:
    if not isinstance(site, City):
        raise UserError(
            f"--faults {fault}: only for a city; 'noisetamer city up --local DIR' starts one, "
            "then --hub DIR/data."
        )
    return site


def _own(site: Site, fault: str) -> OwnHub:
    if not isinstance(site, OwnHub):
        raise UserError(
            f"--faults {fault}: only for a hub that the load has started itself; leave --hub away."
        )
    return site


@contextmanager
def _no_larger(processes: list[int], size: int) -> "Iterator[None]":
    before = [prlimit(process, RLIMIT_FSIZE) for process in processes]
    for process, (_, hard) in zip(processes, before, strict=True):
        prlimit(process, RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        for process, limits in zip(processes, before, strict=True):
            try:
                prlimit(process, RLIMIT_FSIZE, limits or (RLIM_INFINITY, RLIM_INFINITY))
            except ProcessLookupError:
                continue


def _bit_of_a_record(file: Path, seed: int = 1) -> tuple[int, int]:
    """(byte, bit) within the body of a stored record, where every bit means something."""
    from contextlib import closing

    from noisetamer.base import database

    chance = random.Random(seed)
    with closing(database.reader(file)) as connection:
        row = connection.execute(
            "SELECT body FROM record WHERE t>0 ORDER BY unit, boot, seq LIMIT 1"
        ).fetchone()
    if row is None:
        raise UserError(f"{file} holds no record whose bit could be turned.")
    place = file.read_bytes().rfind(row[0])
    if place < 0:
        raise UserError(f"{file}: its first record cannot be found in the file.")
    return place + chance.randrange(len(row[0])), chance.randrange(8)


@contextmanager
def _turned(file: Path, place: int, bit: int) -> "Iterator[None]":
    def turn() -> None:
        with file.open("r+b") as opened:
            opened.seek(place)
            byte = opened.read(1)[0]
            opened.seek(place)
            opened.write(bytes([byte ^ 1 << bit]))

    turn()
    try:
        yield
    finally:
        turn()
