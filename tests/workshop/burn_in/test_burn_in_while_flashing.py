"""Burn-in as one more step of `noisetamer flash`: once, and its reason ends the run."""

import pytest
from burn_in_bench import Bench

from noisetamer.unit.boards import board_file
from noisetamer.unit.files.firmware_files import tree
from noisetamer.virtual.board import VirtualBoard
from noisetamer.workshop.burn_in.step import step
from noisetamer.workshop.flash.job import FlashJob, FlashOutcome, RunContext
from noisetamer.workshop.flash.one_port import flash
from noisetamer.workshop.flash.steps import STEPS
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.serials import Batch
from noisetamer.workshop.port import micropython_image
from noisetamer.workshop.port.ports import Port

pytestmark = pytest.mark.tools


def flashed_again(bench: Bench, board: VirtualBoard) -> FlashOutcome:
    """All steps but the start, and burn-in."""
    steps = [one for one in STEPS if one.name != "start"]
    steps.append(step(minutes=0.05, clock=lambda: board.seconds))
    file = micropython_image.read(bench.folder / "image.bin")
    wanted = board_file.read("esp32_s3")
    job = FlashJob(wanted, file, tree, Batch("SIM", "2611"), None, steps, baud=460800)
    with Ledger.open(bench.ledger) as ledger:
        context = RunContext(ledger, bench.vault, lambda mac: True, lambda progress: None)
        return flash(Port("virtual", board.url), job, context)


def test_a_unit_is_burned_in_once(bench: Bench):
    with bench.board("mute") as board:
        bad = flashed_again(bench, board)
        assert not bad.passed
        assert bad.step == "burn-in"
        assert "look at the loudspeaker's wires" in bad.reason
        board.faults.mend("mute")
        good = flashed_again(bench, board)
        assert (good.passed, good.changed) == (True, True), good.reason
        again = flashed_again(bench, board)
        assert (again.passed, again.changed) == (True, False)
