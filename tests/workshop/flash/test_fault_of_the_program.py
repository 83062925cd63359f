"""A mistake in our own code, while boards are flashed: no board is held to be broken for it."""

import re
from contextlib import ExitStack
from pathlib import Path

import carton
import pytest
from carton import ledger_file
from faults_of_the_program import traceback_in

from noisetamer import cli
from noisetamer.workshop.flash import port_table
from noisetamer.workshop.flash.job import FlashOutcome
from noisetamer.workshop.flash.square_file import Setup
from noisetamer.workshop.flash.steps import STEPS
from noisetamer.workshop.ledger.ledger import BEGUN, PASSED, Ledger
from noisetamer.workshop.ledger.refused import refused
from noisetamer.workshop.ledger.standing import UNFINISHED, standings
from noisetamer.workshop.steps import State, Step

pytestmark = pytest.mark.tools

UNLUCKY = "SIM-2611-0001"


def mistaken(bench) -> State:
    """A step with a mistake that shows on one of the boards."""
    return State({}, "look", lambda: {}["setup"] if bench.serial == UNLUCKY else {})


STEPS_WITH_A_MISTAKE = (*STEPS[:-1], Step("mistaken", mistaken), STEPS[-1])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, FlashOutcome]]:
    """A good board, an unlucky one and a broken one. By their port."""
    folder = tmp_path_factory.mktemp("mistake")
    faults = {"one": (), "two": (), "broken": ("dead",)}
    with ExitStack() as stack:
        boards = {
            name: stack.enter_context(carton.virtual_board(folder, name, *fault))
            for name, fault in faults.items()
        }
        wanted = carton.order(folder, steps=STEPS_WITH_A_MISTAKE)
        outcomes = carton.flash_boards(folder, boards, wanted)
    return folder, {outcome.port: outcome for outcome in outcomes}


def unlucky(outcomes: dict[str, FlashOutcome]) -> FlashOutcome:
    return next(outcome for outcome in outcomes.values() if outcome.serial == UNLUCKY)


def test_it_is_said_to_be_the_programs_and_its_traceback_is_kept(run):
    outcome = unlucky(run[1])
    assert (outcome.passed, outcome.reason) == (False, "")
    assert outcome.fault.startswith(
        "a fault of the program, not of your input or a board: KeyError: 'setup'; please report "
    )
    assert '{}["setup"]' in traceback_in(outcome.fault)


def test_the_boards_beside_it_pass_or_fail_as_they_are(run):
    outcomes = run[1]
    assert sorted(outcome.passed for outcome in outcomes.values()) == [False, False, True]
    assert re.search("^no chip answers", outcomes["broken"].reason)
    assert not outcomes["broken"].fault


def test_the_ledger_holds_nothing_against_the_board_and_the_next_run_goes_on(run):
    folder, outcomes = run
    with Ledger.read(ledger_file(folder)) as ledger:
        states = {one.unit.serial: (one.state, one.failures) for one in standings(ledger)}
        last = ledger.history(UNLUCKY)[-1]
        assert [board.port for board in refused(ledger)] == ["broken"]
    assert states[UNLUCKY] == (UNFINISHED, 0)
    assert (last.step, last.outcome) == ("mistaken", BEGUN)
    again = carton.flash_one(folder, unlucky(outcomes).port)
    assert (again.serial, again.passed) == (UNLUCKY, True)
    with Ledger.read(ledger_file(folder)) as ledger:
        assert ledger.history(UNLUCKY)[-1].outcome == PASSED


def test_it_is_shown_apart(run):
    outcomes = list(run[1].values())
    said = port_table.verdict(unlucky(run[1]))
    assert re.match(rf"FAULT {UNLUCKY} on \w+, mistaken: a fault of the program, not of", said)
    assert port_table.summary(outcomes, 1.0, 3)[-1] == (
        "1 of 3 pass, 1 failed: do what the reason says, then run the same command again, 1 cut "
        "off by a fault of the program: keep the board, report the file"
    )


def test_the_command_ends_with_exit_code_3(tmp_path: Path, monkeypatch, capsys):
    def mistaken(*_):
        raise KeyError("setup")

    monkeypatch.setattr(Setup, "settings", mistaken)
    steps = "noisetamer.workshop.flash.command.STEPS"
    monkeypatch.setattr(steps, tuple(step for step in STEPS if step.name != "start"))
    ledger = str(tmp_path / "ledger.sqlite")
    assert cli.run(["flash", "--simulated", "1", "--ledger", ledger]) == 3
    said = capsys.readouterr().out
    assert "FAULT SIM-" in said
    assert "0 of 1 pass, 1 cut off by a fault of the program" in said
    assert "FAIL" not in said
    assert "in mistaken" in traceback_in(said)
