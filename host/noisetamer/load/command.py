"""The command line of a load: `noisetamer load`."""

import argparse
import asyncio
import math
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.hub.process import allow_many_files
from noisetamer.load.city import City
from noisetamer.load.faults import FAULTS, Fault
from noisetamer.load.levels import BATCH
from noisetamer.load.run import Found, Load, Plan, fresh_folder
from noisetamer.load.site import NamedHub, OwnHub, Site
from noisetamer.load.table import EXPLANATION, lines
from tamer.tell.backoff import STARTS_WITHIN

MOST_UNITS = 99_999
MOST_BACKLOG = 100_000
"""Of ten seconds each: 11 days."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.epilog = "Faults: " + "; ".join(f"{name}: {one.what}" for name, one in FAULTS.items())
    parser.add_argument("--units", type=int, default=1000, metavar="N", help="default 1000")
    parser.add_argument(
        "--minutes", type=float, default=5.0, metavar="M", help="once all have come; default 5"
    )
    parser.add_argument(
        "--hub",
        type=Path,
        metavar="DATA",
        help="the folder of a hub that runs on this machine and is there to be tried: its units "
        "and records stay; without it, the load starts a hub of its own",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the own hub's folder; a new one"
    )
    parser.add_argument(
        "--faults", default="", metavar="A,B", help="one after the other; below which there are"
    )
    parser.add_argument(
        "--processes", type=int, default=0, metavar="N", help="of boxes; default: one a core"
    )
    parser.add_argument(
        "--every",
        type=float,
        default=float(BATCH),
        metavar="S",
        help="between two batches of a box, each of ten seconds; default 10, as boxes do",
    )
    parser.add_argument(
        "--backlog", type=int, default=0, metavar="N", help="batches that each box brings along"
    )
    parser.add_argument(
        "--within",
        type=float,
        default=STARTS_WITHIN / 1000,
        metavar="S",
        help="all boxes come in so many seconds; default 4, as where the power comes back",
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="default 1")


def run_command(arguments: argparse.Namespace) -> int:
    """0; 1 where something acknowledged is missing, or stored twice, or boxes stayed away. Raises
    UserError."""
    plan = plan_of(arguments)
    # Ended from outside, the load still ends everything it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if arguments.hub:
        if arguments.data:
            raise UserError("--data is of the load's own hub: leave it or --hub away.")
        data = arguments.hub.resolve()
        return _finish(
            *tried(plan, City(data) if City.is_one(data) else NamedHub(data), _progress)
        )
    allow_many_files()
    with tempfile.TemporaryDirectory(prefix="noisetamer-load-") as folder:
        if arguments.data:
            fresh_folder(arguments.data)
        hub = OwnHub((arguments.data or Path(folder) / "hub").resolve())
        try:
            return _finish(*tried(plan, hub, _progress))
        finally:
            hub.stop()


def plan_of(arguments: argparse.Namespace) -> Plan:
    """Raises UserError."""
    if not 1 <= arguments.units <= MOST_UNITS:
        raise UserError(f"--units {arguments.units}: give 1 to {MOST_UNITS}.")
    for name in ("minutes", "every", "within"):
        if not 0 < getattr(arguments, name) < math.inf:
            raise UserError(
                f"--{name} {getattr(arguments, name):g}: give more than 0, and an end."
            )
    if not 0 <= arguments.backlog <= MOST_BACKLOG:
        raise UserError(f"--backlog {arguments.backlog}: give 0 to {MOST_BACKLOG}.")
    if arguments.processes < 0:
        raise UserError("--processes: give 0 or more.")
    return Plan(
        units=arguments.units,
        seconds=60 * arguments.minutes,
        faults=faults_of(arguments.faults),
        seed=arguments.seed,
        every=arguments.every,
        backlog=arguments.backlog,
        within=arguments.within,
        processes=arguments.processes,
    )


def faults_of(asked: str) -> list[tuple[str, Fault]]:
    """Those that are asked for, in that order. Raises UserError."""
    found: list[tuple[str, Fault]] = []
    for name in filter(None, (word.strip() for word in asked.split(","))):
        if name not in FAULTS:
            raise UserError(f"--faults {name}: there is none such; there are: {', '.join(FAULTS)}")
        found.append((name, FAULTS[name]))
    return found


def tried(plan: Plan, site: Site, progress: Callable[[str], None]) -> tuple[Found, Plan]:
    """What a load finds. An own hub is started, and has ended when this returns."""
    load = Load(plan, site, progress)
    if isinstance(site, NamedHub):
        # before anything is changed in it
        site.address()
    progress(f"{plan.units} units are enrolled in {site.data}")
    site.enrol(load.units)
    if isinstance(site, OwnHub):
        site.start()
    else:
        # it looks every second or two
        time.sleep(4)
    found = asyncio.run(load.run())
    if isinstance(site, OwnHub):
        site.stop()
    progress("every acknowledged record is looked for in the store")
    load.account(found)
    for name, fault in plan.faults:
        if fault.at_rest:
            found.at_rest.append((name, asyncio.run(fault.inject(site, None))))
    return found, plan


def _finish(found: Found, plan: Plan) -> int:
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print("\n".join([*lines(found, plan.units), EXPLANATION]), flush=True)
    wrong = sum(one.account.lost + one.account.doubled for one in found.stretches)
    away = found.stretches[-1].up < plan.units
    return int(bool(wrong or away or found.held))


_last = [0.0]


def _progress(line: str) -> None:
    """At a terminal in place, elsewhere every ten seconds."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
    elif time.monotonic() - _last[0] >= 10:
        _last[0] = time.monotonic()
        print(line, file=sys.stderr, flush=True)
