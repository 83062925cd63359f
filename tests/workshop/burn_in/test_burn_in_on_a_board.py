"""A whole burn-in over the wire: good boards pass, each bad one has its reason."""

import shutil
from pathlib import Path

import pytest
from burn_in_bench import SERIAL, Bench, connected

from noisetamer.base.paths import BOARDS
from noisetamer.virtual.board import VirtualBoard
from noisetamer.workshop.burn_in import command, plan, result
from noisetamer.workshop.burn_in.check import FAILED, NOT_APPLICABLE, NOT_CONFIRMED, PASSED, Check
from noisetamer.workshop.burn_in.on_unit import CHECK, STEP
from noisetamer.workshop.burn_in.operator import Nobody, Onlooker
from noisetamer.workshop.burn_in.result import Result
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.port.errors import CableError
from noisetamer.workshop.port.session import IDENTITY

pytestmark = pytest.mark.tools

# Nothing of a network is set on the unit.
OPEN = {
    "Wi-Fi": "no Wi-Fi set",
    "hub": "no hub set",
}


def files_on(board: VirtualBoard) -> set[str]:
    with connected(board) as connection:
        return set(connection.session().hashes(["/"]))


def failed(found: Result) -> dict[str, str]:
    return {check.name: check.verdict for check in found.failed}


def not_passed(made: dict[str, Check]) -> dict[str, str]:
    return {name: check.verdict for name, check in made.items() if check.outcome != PASSED}


@pytest.fixture(scope="module")
def passed(flashed: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A good unit, burned in for two minutes of its own time by the command."""
    bench = Bench(shutil.copytree(flashed, tmp_path_factory.mktemp("passed") / "bench"))
    with bench.board() as board:
        code, made = bench.command(board, minutes=2)
        assert not any("burn_in" in path for path in files_on(board))
    assert code == 0
    assert list(made) == list(plan.NAMES)
    assert not_passed(made) == OPEN
    assert {made[name].outcome for name in OPEN} == {NOT_APPLICABLE}
    assert made["samples"].verdict == (
        "none lost in 120 s without TLS; 0 ms late at worst of 101 ms: no hub set"
    )
    return bench


def test_a_good_unit_passes_and_its_papers_say_so(passed: Bench):
    assert sorted(path.suffix for path in passed.out.iterdir()) == [".json", ".pdf", ".png"]
    (file,) = passed.out.glob("*.json")
    found = result.from_result(result.read(file)[0])
    measured = {check.name: check.measured for check in found.checks}
    assert measured["tone"]["level_dBA"] - measured["tone"]["background_dBA"] > 50
    assert measured["microphone"]["background_dBA"] == pytest.approx(33, abs=2)
    assert measured["tone"]["frequency_Hz"] == pytest.approx(1000, abs=0.1)
    assert measured["tone"]["distortion_%"] < 1
    assert measured["clock"]["seconds"] > 120
    assert measured["samples"]["late_ms"] == [0] * 120
    with Ledger.read(passed.ledger) as ledger:
        (line,) = ledger.history(SERIAL, STEP)
    assert line.outcome == PASSED
    assert line.facts["burn_in_open"] == list(OPEN)


@pytest.mark.zones
def test_a_good_unit_passes_wherever_the_computer_is(bench: Bench):
    with bench.board() as board:
        found, made = bench.burn_in(board)
    assert not found.failed
    assert made["clock"].outcome == PASSED


def test_a_changed_result_is_found_out(passed: Bench, capsys: pytest.CaptureFixture[str]):
    (file,) = passed.out.glob("*.json")
    assert command.verify(file, passed.ledger, passed.vault) == 0
    assert f"signed by {SERIAL}" in capsys.readouterr().out
    changed = file.with_name("changed.txt")
    changed.write_text(file.read_text().replace('"not applicable"', '"passed"'))
    assert command.verify(changed, passed.ledger, passed.vault) == 1
    assert "it has been changed" in capsys.readouterr().out
    changed.unlink()


def test_a_bad_unit_ends_with_exit_code_1_and_its_reason(
    bench: Bench, capsys: pytest.CaptureFixture[str]
):
    with bench.board("mute") as board:
        code, _ = bench.command(board)
    assert code == 1
    said = capsys.readouterr().out
    assert "failed  tone: the tone is " in said
    assert "look at the loudspeaker's wires" in said
    assert f"FAIL {SERIAL}: 1 of 14 checks failed (tone)" in said
    with Ledger.read(bench.ledger) as ledger:
        assert ledger.history(SERIAL, STEP)[-1].outcome == FAILED


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("stuck-microphone", "the same data comes again and again"),
        ("dead-microphone", "microphone"),
    ],
)
def test_a_bad_microphone_fails_its_checks(bench: Bench, fault: str, reason: str):
    with bench.board(fault) as board:
        found, _ = bench.burn_in(board)
    assert failed(found).keys() == {"microphone", "tone"}
    assert reason in failed(found)["microphone"]


def test_what_has_passed_is_not_tried_again_under_the_same_firmware(bench: Bench):
    with bench.board("mute") as board:
        found, _ = bench.burn_in(board)
        assert failed(found).keys() == {"tone"}
        board.faults.mend("mute")
        found, second = bench.burn_in(board)
        assert not found.failed
        assert second.keys() == {"tone"}
        assert [check.name for check in found.checks] == list(plan.NAMES)


def test_a_board_without_a_loudspeaker_says_so_and_passes(passed: Bench, tmp_path: Path):
    """Everything is tried again: the board was another one when it passed."""
    bench = Bench(shutil.copytree(passed.folder, tmp_path / "bench"))
    with bench.board() as board:
        with connected(board) as connection:
            content = (BOARDS / "esp32_c3.py").read_bytes()
            connection.session().put("/board.py", content)
        found, made = bench.burn_in(board, again=True)
    assert not found.failed
    assert list(made) == list(plan.NAMES)
    assert made["tone"].outcome == NOT_APPLICABLE
    assert made["tone"].verdict == "no loudspeaker on this board"


def test_a_unit_cut_off_goes_on_where_it_was(bench: Bench):
    """The cable is pulled while the technician looks at the red LEDs."""
    with bench.board() as board:

        def pulls(question: str) -> str:
            board.unplug()
            return "y"

        with pytest.raises(CableError, match="the port went away: put the cable in"):
            bench.burn_in(board, operator=Onlooker(pulls))
        with Ledger.read(bench.ledger) as ledger:
            done = {
                line.facts["burn_in"]["check"]["name"] for line in ledger.history(SERIAL, CHECK)
            }
        assert done == {"kernel", "block time", "microphone", "tone"}
        board.plug()
        found, made = bench.burn_in(board)
    assert not found.failed
    assert done.isdisjoint(made)


def test_a_clock_that_drifts_is_found_also_when_nobody_looks_on(bench: Bench):
    with bench.board() as board:
        found, made = bench.burn_in(
            board, clock=lambda: board.seconds * (1 - 300e-6), operator=Nobody()
        )
    assert failed(found).keys() == {"clock"}
    assert "it drifts by +300 ppm against this computer: look at" in failed(found)["clock"]
    assert {made[f"LEDs {hue}"].outcome for hue in ("red", "green", "blue")} == {NOT_CONFIRMED}


def test_a_board_that_is_no_unit_is_named(bench: Bench, capsys: pytest.CaptureFixture[str]):
    with bench.board() as board:
        with connected(board) as connection:
            connection.session().call(IDENTITY, "keep", {"serial": ""})
        code, _ = bench.command(board)
    assert code == 1
    assert "it has no serial number: flash it first" in capsys.readouterr().out


def test_a_unit_with_another_key_than_the_ledgers_is_refused(
    bench: Bench, capsys: pytest.CaptureFixture[str]
):
    with bench.board() as board:
        with connected(board) as connection:
            connection.session().call(IDENTITY, "keep", {"chain": "another"})
        code, _ = bench.command(board)
    assert code == 1
    assert "it signs with another key than the ledger's" in capsys.readouterr().out
