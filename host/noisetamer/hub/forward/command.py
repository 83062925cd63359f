"""What a hub tells other platforms, on the command line: `noisetamer forward`."""

import argparse
import asyncio
import importlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from noisetamer.base.counted import counted
from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.base.zones import in_utc
from noisetamer.hub import registry
from noisetamer.hub.forward import destinations
from noisetamer.hub.forward.destinations import FILE, Settings
from noisetamer.hub.forward.format import Around, Asked, Refused, Unit, Unreachable
from noisetamer.hub.forward.queue import Queue, Standing
from noisetamer.hub.forward.schema import FILE as QUEUE
from noisetamer.hub.squares.squares import square_of

OF_FORMATS: Mapping[str, tuple[str, str]] = {
    "hj212": (
        "noisetamer.hub.forward.hj212.command",
        "frames of HJ 212 explained, and a platform to try with",
    ),
}
"""{task of one format: (its module with add_options and run, what it does)}"""


def add_options(parser: argparse.ArgumentParser) -> None:
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    what = f"whether {FILE} is right; with --try each destination is asked once"
    checking = tasks.add_parser("check", help=what, description=what)
    checking.add_argument("--data", type=Path, required=True, metavar="DIR", help="the hub's")
    checking.add_argument("--try", dest="tried", action="store_true", help="sends no fact")
    checking.add_argument("--only", default="", metavar="NAME", help="this destination")
    what = "what waits for each destination, what was sent last, what was refused and why"
    showing = tasks.add_parser("show", help=what, description=what)
    showing.add_argument("--data", type=Path, required=True, metavar="DIR", help="the hub's")
    showing.add_argument("--refused", type=int, default=3, metavar="N", help="the last N (3)")
    for task, (module, told) in OF_FORMATS.items():
        importlib.import_module(module).add_options(
            tasks.add_parser(task, help=told, description=told)
        )


def run_command(arguments: argparse.Namespace) -> int:
    """0; 1 where a destination did not answer as it should. Raises UserError."""
    if arguments.task in OF_FORMATS:
        module, _ = OF_FORMATS[arguments.task]
        return importlib.import_module(module).run(arguments) or 0
    data: Path = arguments.data
    if not data.is_dir():
        raise UserError(f"{data}: is no data folder of a hub; give the one of its --data")
    if arguments.task == "check":
        return _check(data, arguments.only, arguments.tried)
    return _show(data, arguments.refused)


def around_of(data: Path, settings: Settings, utc_offset: float = 8.0) -> Around:
    """As far as it is known without a hub at work."""
    known = registry.registered(data / "units.sqlite")
    units = {one.id: Unit(one.id, one.name, square_of(one)) for one in known}
    return Around(data, utc_offset=utc_offset, units=lambda: units, places=settings.places)


def _check(data: Path, only: str, tried: bool) -> int:
    settings = _settings(data)
    for fault in settings.faults:
        print(f"{fault.place}: {say(fault.reason)}")
    if settings.faults:
        count = counted(len(settings.faults), "1 fault, see above", "{} faults, see above")
        raise UserError(f"{data / FILE}: {count}")
    if only and only not in {one.name for one in settings.all}:
        raise UserError(f"--only {only}: {data / FILE} names no such destination")
    around = around_of(data, settings)
    units = around.units()
    wrong = 0
    for asked in settings.all:
        if only and asked.name != only:
            continue
        squares = {unit.square for unit in units.values()}
        print(f"{asked.name}: {', '.join([asked.kind, *asked.facts])}{_of(asked)}")
        for what, known, wanted in (
            ("there is no unit {name} at this hub", units, asked.units),
            ("there is no square {name} at this hub", squares, asked.squares),
        ):
            for name in wanted:
                if name not in known:
                    print(f"  ! {say(what, name=name)}")
                    wrong = 1
        for unit in _unplaced(asked, around):
            told = say("{name} has no [place]: what it tells is put aside", name=unit)
            print(f"  ! {told}")
            wrong = 1
        if asked in settings.disabled:
            print(f"  {say('is not enabled: what comes waits')}")
        elif tried:
            said, well = asyncio.run(_tried(asked, around))
            print(f"  {'' if well else '! '}{say(said)}")
            wrong |= not well
    return wrong


def _unplaced(asked: Asked, around: Around) -> list[str]:
    """Units of a destination whose format wants to know where they stand."""
    if not getattr(destinations.module_of(asked.kind), "PLACED", False):
        return []
    places = around.places
    return [
        unit.id
        for unit in around.units().values()
        if asked.wants_unit(unit.id, unit.square) and not places.keys() & {unit.id, unit.square}
    ]


async def _tried(asked: Asked, around: Around) -> tuple[str, bool]:
    format = destinations.make(asked, around)
    try:
        async with asyncio.timeout(asked.timeout):
            return await format.check(), True
    except TimeoutError:
        return f"no answer within {asked.timeout:g} s", False
    except (Unreachable, Refused, OSError) as error:
        return str(error) or type(error).__name__, False
    finally:
        await format.close()


def _show(data: Path, refused: int) -> int:
    settings = _settings(data)
    if not settings.all:
        raise UserError(f"{data / FILE}: names no destination")
    with closing(Queue(data / QUEUE)) as queue:
        for asked in settings.all:
            standing = queue.standing(asked)
            print(f"{asked.name}  ({asked.kind}{_of(asked)})")
            if standing is None:
                print(f"  {say('the hub has not seen it yet')}")
                continue
            for line in _lines(standing):
                print(f"  {line}")
            for one in queue.refusals(asked.name, refused):
                print(f"    {in_utc(one.at)} {one.fact.key}: {say(one.why)}")
    return 0


def _lines(standing: Standing) -> Iterator[str]:
    if standing.oldest:
        at = in_utc(standing.oldest)
        yield say("waiting {n}, the oldest of {at}", n=standing.waiting, at=at)
    else:
        yield say("waiting {n}", n=standing.waiting)
    if standing.last_sent:
        yield say("sent {n}, last {at}", n=standing.sent, at=in_utc(standing.last_sent))
    else:
        yield say("sent {n}", n=standing.sent)
    if standing.lost:
        yield say("lost {n}: waited for too long", n=standing.lost)
    yield say("refused {n}", n=standing.refused)


def _settings(data: Path) -> Settings:
    if not (data / FILE).is_file():
        raise UserError(
            f"{data / FILE}: is not there; what it may say: host/noisetamer/hub/forward/README.md"
        )
    return destinations.read(data)


def _of(asked: Asked) -> str:
    of = [*asked.squares, *asked.units]
    return say(", of {known}", known=", ".join(of)) if of else ""
