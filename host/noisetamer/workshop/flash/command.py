"""Flashing as a command: ports, ledger and image are found, then every board is made a unit."""

import argparse
import datetime
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from noisetamer.base.counted import counted
from noisetamer.base.errors import UserError
from noisetamer.base.language import say
from noisetamer.unit.boards import check
from noisetamer.unit.boards.board_file import BoardFile
from noisetamer.unit.files import compiled
from noisetamer.unit.files.firmware_files import tree
from noisetamer.workshop.flash import download, square_file
from noisetamer.workshop.flash.all_ports import flash_all
from noisetamer.workshop.flash.job import FlashJob, FlashOutcome
from noisetamer.workshop.flash.port_table import PortTable, standing, summary
from noisetamer.workshop.flash.steps import STEPS
from noisetamer.workshop.ledger import key_file
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.options import LEDGER, add_key, add_ledger
from noisetamer.workshop.ledger.serials import Batch, batch
from noisetamer.workshop.port import micropython_image, ports
from noisetamer.workshop.port.micropython_image import Image
from noisetamer.workshop.port.ports import Port, PortError
from noisetamer.workshop.steps import Bench, Step

PRODUCT, SIMULATED_PRODUCT = "NT1", "SIM"

_MOST_JOBS = 16
_MOST_SIMULATED = 999
_BAUD = 460800

# What --faults draws from: a fault of a virtual board, and the span of its value.
_FAULTS = (
    ("bad-flash", 0x10000, 0x18000),
    ("crash", 100, 6000),
    ("dead", None, None),
    ("drop", 1000, 500_000),
    ("drop-in-write", 4096, 140_000),
    ("full", 40_000, 200_000),
    ("garbage", 0, 8000),
    ("no-psram", None, None),
    ("wrong-chip", None, None),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    add_common(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--port", action="append", default=[], metavar="PORT", help="this port, may be repeated"
    )
    which.add_argument("--all", action="store_true", help="every port with a board on it")
    which.add_argument("--simulated", type=int, metavar="N", help="so many virtual boards")
    parser.add_argument("--batch", metavar="NT1-2611", help="default: NT1 and this month")
    parser.add_argument("--jobs", type=int, metavar="N", help=f"at a time, at most {_MOST_JOBS}")
    parser.add_argument("--dry-run", action="store_true", help="look, and say what would be done")
    parser.add_argument(
        "--rekey", action="store_true", help="another key for the seal of the unit's records"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of --faults")
    parser.add_argument(
        "--faults", metavar="10%", help="so many of the virtual boards have something wrong"
    )


def add_common(parser: argparse.ArgumentParser) -> None:
    """What `flash` and `replace` have in common."""
    parser.add_argument("--board", default="esp32_s3", metavar="NAME", help="a file in boards/")
    parser.add_argument("--image", type=Path, metavar="FILE", help="of MicroPython, else download")
    parser.add_argument("--square", type=Path, metavar="FILE", help="TOML: Wi-Fi, hub, policy")
    parser.add_argument("--baud", type=int, default=_BAUD, help=f"of the loader, default {_BAUD}")
    add_ledger(parser)
    add_key(parser)


def run_command(arguments: argparse.Namespace, more: Sequence[Step[Bench]] = ()) -> int:
    """0 when every board passes, 1 when one failed, or its last burn-in did, 3 where the program
    did. Raises UserError.

    more: steps before `start`, which leaves the unit running.
    """
    if arguments.faults and arguments.simulated is None:
        raise UserError("--faults is for virtual boards: add --simulated N.")
    simulated = arguments.simulated is not None
    product = SIMULATED_PRODUCT if simulated else PRODUCT
    wanted = batch(arguments.batch or f"{product}-{datetime.date.today():%y%m}")
    must_fit(wanted, simulated)
    # Before a board is looked for: who has none yet can check the files.
    board = check.working(arguments.board)
    if arguments.square:
        square_file.read(arguments.square)
    with ExitStack() as stack:
        chosen = (
            _simulated(arguments, board, stack)
            if simulated
            else connected_ports(arguments.port, arguments.all)
        )
        return run(arguments, board, chosen, wanted, stack, more)


def must_fit(wanted: Batch, simulated: bool) -> None:
    """Nobody shall take a simulated unit for one that hangs somewhere. Raises UserError."""
    if simulated != (wanted.product == SIMULATED_PRODUCT):
        whose = "virtual boards have" if simulated else "only virtual boards have"
        raise UserError(
            f"The batch {wanted}: {whose} the product {SIMULATED_PRODUCT}, "
            f"for example {SIMULATED_PRODUCT}-{wanted.code}."
        )


def run(
    arguments: argparse.Namespace,
    board: BoardFile,
    chosen: list[Port],
    wanted: Batch,
    stack: ExitStack,
    more: Sequence[Step[Bench]] = (),
    replaces: str | None = None,
) -> int:
    """Flash these ports and tell how it went; what `stack` holds lives until then."""
    dry = getattr(arguments, "dry_run", False)
    ledger_file = arguments.ledger or LEDGER
    keys = key_file.places(ledger_file, arguments.key)
    if dry:
        ledger_file, keys = _copies(ledger_file, keys, stack)
    jobs = _jobs(getattr(arguments, "jobs", None), len(chosen))
    place = square_file.read(arguments.square) if arguments.square else None
    with Ledger.open(ledger_file) as ledger:
        vault = key_file.vault(ledger, keys, make=True)
        ledger.hold_key(vault.fingerprint, vault.file)
        job = FlashJob(
            board,
            _image(arguments.image, board, ledger),
            tree,
            wanted,
            place,
            (*STEPS[:-1], *more, STEPS[-1]),
            arguments.baud,
            replaces,
            dry,
            getattr(arguments, "rekey", False),
            compiled.mpy_on(board.chip, simulated=wanted.product == SIMULATED_PRODUCT),
        )
        outcomes: list[FlashOutcome] = []
        began = time.monotonic()
        try:
            with PortTable([port.name for port in chosen]) as table:
                ask = None if getattr(arguments, "unattended", False) else table.ask
                for outcome in flash_all(chosen, job, ledger, vault, jobs, table.report, ask):
                    outcomes.append(outcome)
                    table.ended(outcome)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_stopped(chosen, outcomes)) from None
        if dry:
            looked_at = counted(len(outcomes), "1 board", "{} boards")
            print(say(f"{looked_at} looked at, nothing written"))
        else:
            print("\n".join(summary(outcomes, time.monotonic() - began, jobs)))
    if any(outcome.fault for outcome in outcomes):
        return 3
    good = all(outcome.passed and not outcome.broken for outcome in outcomes)
    return 0 if good else 1


def _stopped(chosen: list[Port], outcomes: list[FlashOutcome]) -> str:
    """The last word after Ctrl-C."""
    ended = {outcome.port for outcome in outcomes}
    begun = [port.name for port in chosen if port.name not in ended]
    so_far = standing(outcomes, len(chosen))
    return (
        f"stopped: {so_far}; not finished: {', '.join(begun)}; run the same command again, each "
        "board goes on where it was"
    )


def connected_ports(names: list[str], everything: bool) -> list[Port]:
    """The ports of these names, else those with boards; more than one only for `everything`.

    Raises UserError where a named port does not open, or there is not the one board.
    """
    boards, others = ports.scan()
    if names:
        chosen = [ports.named(name) for name in dict.fromkeys(names)]
        for port in chosen:
            try:
                ports.open_port(port).close()
            except PortError as error:
                raise UserError(str(error)) from None
        return chosen
    for port in others:
        print(say(f"left alone: {port.name} ({port.what})"), file=sys.stderr)
    if not boards:
        ignored = ""
        if others:
            left = "1 other serial port is left alone", "{} other serial ports are left alone"
            ignored = f" ({counted(len(others), *left)})"
        raise UserError(
            f"No board on any USB port{ignored}: plug one in, name its port with --port, or try "
            "virtual ones with --simulated 3."
        )
    if len(boards) > 1 and not everything:
        named = ", ".join(port.name for port in boards)
        raise UserError(f"Boards on {named}: take them all with --all, or one with --port.")
    return boards


def _simulated(arguments: argparse.Namespace, board: BoardFile, stack: ExitStack) -> list[Port]:
    """Virtual boards, plugged in; they and the ledger stay where --ledger says, else nowhere."""
    n = arguments.simulated
    if not 1 <= n <= _MOST_SIMULATED:
        raise UserError(f"--simulated {n}: give a number from 1 to {_MOST_SIMULATED}.")
    if arguments.ledger is None:
        print(
            say(
                "Trying only: boards and ledger are gone at the end; to keep them, name a file "
                "with --ledger, such as carton/ledger.sqlite"
            ),
            file=sys.stderr,
        )
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        arguments.ledger = Path(folder, "ledger.sqlite")
    faults = _faulty(n, arguments.faults, arguments.seed, board)
    names = [f"virtual-{i + 1:03}" for i in range(n)]
    return [
        _virtual(name, faults.get(i, ()), arguments, board, stack) for i, name in enumerate(names)
    ]


def virtual_spare(arguments: argparse.Namespace, board: BoardFile, stack: ExitStack) -> Port:
    """One more board beside those of a simulated ledger."""
    boards = arguments.ledger.parent / "boards"
    spares = len(list(boards.glob("spare-*")))
    return _virtual(f"spare-{spares + 1:03}", (), arguments, board, stack)


def _virtual(
    name: str,
    faults: tuple[str, ...],
    arguments: argparse.Namespace,
    board: BoardFile,
    stack: ExitStack,
) -> Port:
    # Their consoles are POSIX's; boards on a cable do without.
    from noisetamer.virtual.board import VirtualBoard, make_image

    folder = arguments.ledger.resolve().parent
    arguments.key = arguments.key or folder / "ledger.key"
    if arguments.image is None:
        arguments.image = folder / board.image
        folder.mkdir(parents=True, exist_ok=True)
        arguments.image.write_bytes(make_image(board.chip, board.version))
    one = VirtualBoard.of(board, folder / "boards" / name, faults=faults)
    return Port(name, stack.enter_context(one).url)


def _faulty(n: int, share: str | None, seed: int, board: BoardFile) -> dict[int, tuple[str, ...]]:
    """What is wrong with which of n boards; the same seed gives the same."""
    if share is None:
        return {}
    try:
        percent = float(share.removesuffix("%"))
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        raise UserError(f"--faults {share}: give a share from 0% to 100%.")
    possible = [fault for fault in _FAULTS if board.psram_MB or fault[0] != "no-psram"]
    chance = random.Random(seed)
    faults: dict[int, tuple[str, ...]] = {}
    for i in chance.sample(range(n), round(n * percent / 100)):
        name, least, most = chance.choice(possible)
        value = "" if least is None or most is None else f":{chance.randint(least, most)}"
        faults[i] = (name + value,)
    return faults


def _image(given: Path | None, board: BoardFile, ledger: Ledger) -> Image:
    """The image that this board is to have, and no other. Raises UserError."""
    file = given or download.obtain(board.image, ledger.path.parent / "images")
    chosen = micropython_image.read(file)
    micropython_image.check(chosen, board)
    ledger.hold_image(board.image, chosen.sha256)
    return chosen


def _copies(ledger: Path, keys: list[Path], stack: ExitStack) -> tuple[Path, list[Path]]:
    """For a dry run: what it notes, and a key that it makes, are gone with it."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    if ledger.exists():
        shutil.copyfile(ledger, folder / ledger.name)
    return folder / ledger.name, [*(key for key in keys if key.exists()), folder / "ledger.key"]


def _jobs(asked: int | None, ports: int) -> int:
    if asked is None:
        return min(ports, _MOST_JOBS)
    if not 1 <= asked <= _MOST_JOBS:
        raise UserError(f"--jobs {asked}: give a number from 1 to {_MOST_JOBS}.")
    return asked
