"""Flashes that end in their middle, all in one carton, and what the next run makes of them."""

import hashlib
import json
import random
import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal
from unittest import mock

import carton
import unix_port

from noisetamer.base.keys.vault import Vault
from noisetamer.unit.boards.board_file import BoardFile
from noisetamer.virtual.board import VirtualBoard
from noisetamer.workshop.flash.job import IDENTIFY, FlashOutcome, Progress
from noisetamer.workshop.flash.log import Log
from noisetamer.workshop.flash.square_file import SETTINGS_FILE, Setup
from noisetamer.workshop.flash.steps import STEPS
from noisetamer.workshop.ledger.entries import FLASH
from noisetamer.workshop.ledger.ledger import PASSED, Ledger
from noisetamer.workshop.port import micropython_image
from noisetamer.workshop.port.connection import Connection

Kind = Literal["drop", "hang-up"]
"""The cable is pulled, and with it the power; or the host is killed, and the board stays on."""

_ALL_STEPS = (IDENTIFY, *(step.name for step in STEPS))
_JOBS = 8
# By so many bytes runs differ: each tells what time it took.
_DIFFERENCE = 16


@dataclass(frozen=True)
class Undisturbed:
    """board: of the boards that were flashed; steps: which bytes on the line belong to each, of a
    whole run; again: how many a run takes that finds nothing to do."""

    board: BoardFile
    steps: dict[str, range]
    again: int

    @property
    def whole(self) -> int:
        return self.steps[_ALL_STEPS[-1]].stop


def undisturbed(folder: Path, board: BoardFile) -> Undisturbed:
    wanted = carton.order(folder, board=board)
    with carton.virtual_board(folder, "a", made_as=board) as virtual:
        began: dict[str, int] = {}

        def told(progress: Progress) -> None:
            began.setdefault(progress.step, virtual.line.both)

        (first,) = carton.flash_boards(folder, {"port": virtual}, wanted, told=told)
        whole = virtual.line.both
        (second,) = carton.flash_boards(folder, {"port": virtual}, wanted)
        again = virtual.line.both - whole
    assert (first.passed, second.passed, second.changed) == (True, True, False)
    assert tuple(began) == _ALL_STEPS
    edges = pairwise([*began.values(), whole])
    steps = dict(zip(_ALL_STEPS, (range(*edge) for edge in edges), strict=True))
    return Undisturbed(board, steps, again)


def places(run: Undisturbed, in_a_step: int, seed: int) -> list[int]:
    """So many bytes of each step after which a run is to end, at random in even parts of it."""
    chance = random.Random(seed)
    found = []
    for step in run.steps.values():
        length = len(step) - _DIFFERENCE
        edges = [step.start + length * i // in_a_step for i in range(in_a_step + 1)]
        found += [chance.randrange(*edge) for edge in pairwise(edges)]
    return found


def must_resume(folder: Path, run: Undisturbed, kind: Kind, places: Sequence[int]) -> None:
    """A board for each place, cut off there, and all of them once more by the same command."""
    names = {f"cut-{place}": place for place in places}
    faults = {name: f"{kind}:{place}" for name, place in names.items()}
    with ExitStack() as stack:
        boards = {
            name: stack.enter_context(carton.virtual_board(folder, name, fault, made_as=run.board))
            for name, fault in faults.items()
        }
        if kind == "drop":
            cut = _flashed(folder, run.board, boards)
        else:
            # Killed: it says no more, to the ledger or to the board.
            with mock.patch.object(Log, "end"), mock.patch.object(Connection, "close"):
                cut = _flashed(folder, run.board, boards)
        before = {name: board.line.both for name, board in boards.items()}
        for name, place in names.items():
            if kind == "hang-up" and cut[name].passed:
                # As MicroPython was to begin: there the port is waited for, and was back at once.
                continue
            # "did not come back", where it went as MicroPython was to begin.
            assert re.match("the port (went away|did not)", cut[name].reason), (name, cut[name])
            # Not a byte more: who looks for the port again may find another board there.
            assert before[name] == place, (name, boards[name].line)
            boards[name].plug()
        resumed = _flashed(folder, run.board, boards)
        for name in names:
            assert resumed[name].passed, (name, resumed[name])
            left = run.whole - run.steps[cut[name].step].start
            took = boards[name].line.both - before[name]
            assert took <= run.again + left + _DIFFERENCE, (name, took, left)
        _must_be_units(folder, run.board, boards)


def _flashed(
    folder: Path, board: BoardFile, boards: dict[str, VirtualBoard]
) -> dict[str, FlashOutcome]:
    wanted = carton.order(folder, board=board)
    outcomes = carton.flash_boards(folder, boards, wanted, jobs=_JOBS)
    return {outcome.port: outcome for outcome in outcomes}


def _must_be_units(folder: Path, board: BoardFile, boards: dict[str, VirtualBoard]) -> None:
    vault = Vault(folder / "ledger.key")
    with Ledger.read(carton.ledger_file(folder)) as ledger:
        units = {unit.mac: unit for unit in ledger.units()}
        histories = {mac: ledger.history(unit.serial) for mac, unit in units.items()}
    serials = sorted(unit.serial for unit in units.values())
    assert serials == [str(carton.BATCH.serial(i + 1)) for i in range(len(boards))]

    image = micropython_image.read(carton.small_image(folder, chip=board.chip))
    image = micropython_image.parted(image, board.flash_MB << 20, board.speaks)
    assert image.files and image.journal
    where = image.files
    for name, virtual in boards.items():
        unit, history = units[virtual.mac], histories[virtual.mac]
        assert (history[-1].step, history[-1].outcome) == (FLASH, PASSED), name
        for step in _ALL_STEPS:
            (last,) = [entry for entry in history if entry.step == step][-1:]
            assert last.outcome == PASSED, (name, step)
        for at, content in image.parts:
            assert virtual.flash.read(at, len(content)) == content, name
        assert not virtual.flash.read(image.journal.at, image.journal.size).strip(b"\xff"), name

        memory = _memory(virtual, image.nvs.at)
        secrets = vault.open_secrets(unit.serial, unit.secrets)
        kept = {key: bytes.fromhex(value).decode() for key, value in memory["b"].items()}
        wanted = {"serial": unit.serial, "mqtt": secrets.mqtt, "command": secrets.command}
        assert wanted.items() <= kept.items(), name
        given = max(entry.facts.get("boot", 0) for entry in history)
        assert given == memory["i"]["boot"] + 1, name

        settings = json.dumps({"self_check": {}, **Setup().settings(unit.serial)}).encode()
        firmware = carton.small_firmware(board.name, image.chip, 0).files
        wanted_files = {**firmware, **Setup().files(), SETTINGS_FILE: settings}
        partition = folder / f"{name}.partition"
        partition.write_bytes(virtual.flash.read(where.at, where.size))
        assert unix_port.files_of(partition) == {
            path: hashlib.sha256(content).hexdigest() for path, content in wanted_files.items()
        }, name


def _memory(board: VirtualBoard, at: int) -> dict:
    """The firmware's values in its partition nvs, as the virtual board keeps them."""
    size = int.from_bytes(board.flash.read(at, 4), "big")
    return json.loads(board.flash.read(at + 4, size))["tamer"]
