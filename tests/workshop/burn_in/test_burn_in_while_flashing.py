"""Burn-in as one more step of `noisetamer flash`: once, and its reason ends the run; lamps are
asked where somebody is there, and else stay open."""

import pytest
from burn_in_bench import SERIAL, Bench

from noisetamer.unit.boards import board_file
from noisetamer.unit.files.firmware_files import tree
from noisetamer.virtual.board import VirtualBoard
from noisetamer.workshop.burn_in import plan
from noisetamer.workshop.burn_in.step import step
from noisetamer.workshop.flash.job import FlashJob, FlashOutcome, Progress, RunContext
from noisetamer.workshop.flash.one_port import flash
from noisetamer.workshop.flash.port_table import mark
from noisetamer.workshop.flash.steps import STEPS
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.serials import Batch
from noisetamer.workshop.ledger.standing import of_unit
from noisetamer.workshop.port import micropython_image
from noisetamer.workshop.port.ports import Port
from noisetamer.workshop.steps import Ask

pytestmark = pytest.mark.tools


def flashed_again(
    bench: Bench, board: VirtualBoard, ask: Ask | None = None, burn_in: bool = True
) -> FlashOutcome:
    """All steps but the start, and burn-in."""
    steps = [one for one in STEPS if one.name != "start"]
    if burn_in:
        steps.append(step(minutes=0.05, clock=lambda: board.seconds))
    file = micropython_image.read(bench.folder / "image.bin")
    wanted = board_file.read("esp32_s3")
    job = FlashJob(wanted, file, tree, Batch("SIM", "2611"), None, steps, baud=460800)
    told: list[Progress] = []
    with Ledger.open(bench.ledger) as ledger:
        context = RunContext(ledger, bench.vault, lambda mac: True, told.append, ask)
        outcome = flash(Port("virtual", board.url), job, context)
    parts = [progress.doing for progress in told if progress.step == "burn-in" and progress.doing]
    if outcome.changed and burn_in:
        assert parts
        assert set(parts) <= set(plan.NAMES)
    return outcome


def test_no_flashing_mends_what_burn_in_found(bench: Bench):
    with bench.board() as board:
        with Ledger.open(bench.ledger) as ledger:
            ledger.record(SERIAL, "burn-in", "failed", {"reason": "tone: look at its wires"})
        found = flashed_again(bench, board, burn_in=False)
    assert (found.passed, found.broken, mark(found)) == (True, True, "OPEN")
    assert found.left.startswith("it failed burn-in: tone: look at its wires")


def test_flashing_brings_back_what_was_set_aside(bench: Bench):
    with bench.board() as board:
        with Ledger.open(bench.ledger) as ledger:
            ledger.record(SERIAL, "set-aside", "passed", {"reason": "lost"})
        assert not flashed_again(bench, board, burn_in=False).changed
    with Ledger.read(bench.ledger) as ledger:
        assert of_unit(ledger, ledger.unit(SERIAL)).state == "not burned in"


def test_a_unit_is_burned_in_once(bench: Bench):
    with bench.board("mute") as board:
        bad = flashed_again(bench, board)
        assert not bad.passed
        assert bad.step == "burn-in"
        assert "look at the loudspeaker's wires" in bad.reason
        board.faults.mend("mute")
        good = flashed_again(bench, board)
        assert (good.passed, good.changed) == (True, True), good.reason
        lamps = "4 not confirmed (LEDs red, LEDs green, LEDs blue, spotlight)"
        assert good.left == f"{lamps}; burn in again once they can be done"
        again = flashed_again(bench, board)
        assert (again.passed, again.changed, again.left) == (True, False, good.left)

        questions: list[str] = []

        def sees(question: str) -> str:
            questions.append(question)
            return "y"

        seen = flashed_again(bench, board, sees)
        assert (seen.passed, seen.changed, seen.left) == (True, True, "")
        assert [question.split(":")[0] for question in questions] == [f"{SERIAL} on virtual"] * 4
        assert questions[-1] == f"{SERIAL} on virtual: The spotlight is lit? [y/n] "
        last = flashed_again(bench, board, sees)
        assert (last.passed, last.changed) == (True, False)
