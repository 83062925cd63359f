"""One unit, flashed once by the steps of `noisetamer flash`; each test has a copy of it."""

import shutil
from pathlib import Path

import pytest
from burn_in_bench import SERIAL, Bench
from made_once import common_folder, made_once

from noisetamer.unit.boards import board_file
from noisetamer.unit.files import compiled
from noisetamer.unit.files.firmware_files import tree
from noisetamer.virtual.board import make_image
from noisetamer.workshop.flash.job import FlashJob, RunContext
from noisetamer.workshop.flash.one_port import flash
from noisetamer.workshop.flash.steps import STEPS
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.serials import Batch
from noisetamer.workshop.port import micropython_image
from noisetamer.workshop.port.ports import Port


@pytest.fixture(scope="session")
def flashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_once(common_folder(tmp_path_factory) / "flashed", flash_one)


def flash_one(folder: Path) -> None:
    bench = Bench(folder)
    board = board_file.read("esp32_s3")
    file = folder / "image.bin"
    file.write_bytes(make_image(board.chip, board.version, 80_000))
    steps = [step for step in STEPS if step.name != "start"]
    image = micropython_image.read(file)
    mpy = compiled.mpy_on(board.chip, simulated=True)
    job = FlashJob(board, image, tree, Batch("SIM", "2611"), None, steps, baud=460800, mpy=mpy)
    with Ledger.open(bench.ledger) as ledger, bench.board() as virtual:
        context = RunContext(ledger, bench.vault, lambda mac: True, lambda progress: None)
        outcome = flash(Port("virtual", virtual.url), job, context)
    assert outcome.passed, outcome.reason
    assert outcome.serial == SERIAL


@pytest.fixture
def bench(flashed: Path, tmp_path: Path) -> Bench:
    """A new unit that is flashed and has never been burned in."""
    return Bench(shutil.copytree(flashed, tmp_path / "bench"))
