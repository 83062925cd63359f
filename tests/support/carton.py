"""A carton of virtual boards that become units by the very steps of `noisetamer flash`, with a
firmware of three small files, so that fifty of them are cheap.

As a program, `python carton.py FOLDER`, it flashes boards of a folder for each line of
BOARD[=FAULT] ... on standard input, in a process that may be killed, and says on standard output
what each port does, one line a step, and its verdict.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from noisetamer.base.keys.vault import Vault
from noisetamer.unit.boards import board_file
from noisetamer.unit.boards.board_file import BoardFile
from noisetamer.unit.files import compiled
from noisetamer.unit.files.firmware_files import Tree
from noisetamer.virtual.board import VirtualBoard, make_image
from noisetamer.workshop.flash.all_ports import flash_all
from noisetamer.workshop.flash.job import FlashJob, FlashOutcome, Progress
from noisetamer.workshop.flash.port_table import verdict
from noisetamer.workshop.flash.square_file import Setup
from noisetamer.workshop.flash.steps import STEPS
from noisetamer.workshop.ledger.ledger import Ledger, utc_now
from noisetamer.workshop.ledger.serials import Batch
from noisetamer.workshop.port import micropython_image
from noisetamer.workshop.port.ports import Port
from tamer import VERSION

BATCH = Batch("SIM", "2611")
REFERENCE = board_file.read("esp32_s3")
JOBS = 4

_IMAGE_BYTES = 80_000

# Says on the console what our firmware says when it has started, and goes on running.
_MAIN = """\
import json, time
from tamer import small
print(json.dumps(small.BOOT))
while True:
    time.sleep(1)
"""
_BOOT = {
    "kind": "boot",
    "firmware": VERSION,
    "kernel": "int",
    "self_test": "passed",
    "policy": Setup().policy_hash,
}


def small_firmware(board: str, chip: str, mpy: int) -> Tree:
    files = {
        "/boot.py": "",
        "/tamer/__init__.py": f"VERSION = {VERSION!r}\n",
        "/tamer/small.py": f"BOOT = {_BOOT!r}\n",
        "/main.py": _MAIN,
    }
    return Tree({path: text.encode() for path, text in files.items()})


def small_image(folder: Path, version: str = "v1.29.0", chip: str = "esp32s3") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{chip}-{version}.bin"
    file.write_bytes(make_image(chip, version, _IMAGE_BYTES))
    return file


def order(folder: Path, **otherwise: object) -> FlashJob:
    """What every board becomes, unless a test wants it otherwise."""
    board = otherwise.get("board", REFERENCE)
    assert isinstance(board, BoardFile)
    wanted: dict = {
        "board": board,
        "image": micropython_image.read(small_image(folder, chip=board.chip)),
        "firmware": small_firmware,
        "batch": BATCH,
        "setup": None,
        "steps": STEPS,
        "baud": 460800,
        "mpy": compiled.mpy_on(board.chip, simulated=True),
    }
    return FlashJob(**{**wanted, **otherwise})


def ledger_file(folder: Path) -> Path:
    return folder / "ledger.sqlite"


def virtual_board(
    folder: Path, name: str, *faults: str, made_as: BoardFile = REFERENCE
) -> VirtualBoard:
    """The same board each time, by its name: what is in its flash stays."""
    return VirtualBoard.of(made_as, folder / "boards" / name, faults=faults)


def flash_boards(
    folder: Path,
    boards: dict[str, VirtualBoard],
    wanted: FlashJob,
    jobs: int = JOBS,
    told=None,
    now=utc_now,
) -> list[FlashOutcome]:
    """Plugged-in boards, by the name of their port, through one run."""
    return list(outcomes(folder, boards, wanted, jobs, told, now))


def outcomes(
    folder: Path,
    boards: dict[str, VirtualBoard],
    wanted: FlashJob,
    jobs: int = JOBS,
    told=None,
    now=utc_now,
) -> Iterator[FlashOutcome]:
    """The same, each as it comes."""
    ports = [Port(name, board.url) for name, board in boards.items()]
    with Ledger.open(ledger_file(folder), now) as ledger:
        vault = Vault(folder / "ledger.key")
        ledger.hold_key(vault.fingerprint, vault.file)
        yield from flash_all(ports, wanted, ledger, vault, jobs, told or (lambda _: None))


def flash_one(
    folder: Path,
    name: str = "a",
    *,
    made_as: BoardFile = REFERENCE,
    faults=(),
    now=utc_now,
    **otherwise: object,
) -> FlashOutcome:
    """One board, plugged in for this run; the same board whenever it has the same name."""
    with virtual_board(folder, name, *faults, made_as=made_as) as board:
        return flash_boards(folder, {"port": board}, order(folder, **otherwise), now=now)[0]


def serve(folder: Path) -> None:
    """A host for each line of names and faults: a process of its own, which need not load again
    what this one has. Says which, and when it has ended."""
    for line in sys.stdin:
        host = os.fork()
        if not host:
            main(folder, line.split())
            sys.stdout.flush()
            os._exit(0)
        print(f"host {host}", flush=True)
        os.waitpid(host, 0)
        print("ended", flush=True)


def say(line: str) -> None:
    # in one piece: ports are told of in threads of their own
    os.write(1, f"{line}\n".encode())


def main(folder: Path, words: list[str]) -> None:
    names = [word.partition("=") for word in words]
    with ExitStack() as stack:
        boards = {
            name: stack.enter_context(virtual_board(folder, name, *([fault] if fault else [])))
            for name, _, fault in names
        }
        steps: dict[str, str] = {}

        def told(progress: Progress) -> None:
            if steps.get(progress.port) != progress.step:
                steps[progress.port] = progress.step
                say(f"step {progress.port} {progress.step}")

        for outcome in outcomes(folder, boards, order(folder), told=told):
            say(verdict(outcome))


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
