"""What burn-in found is what the unit stands for, wherever one asks."""

import csv
from pathlib import Path

import pytest
from burn_in_bench import SERIAL, Bench

from noisetamer import cli
from noisetamer.workshop.burn_in.operator import Nobody
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.standing import of_unit

pytestmark = pytest.mark.tools

LOUDSPEAKER = "look at the loudspeaker's wires"


def started(bench: Bench) -> None:
    """The fixture leaves that step out."""
    with Ledger.open(bench.ledger) as ledger:
        ledger.record(SERIAL, "flash", "passed", {})


def state(bench: Bench) -> str:
    with Ledger.read(bench.ledger) as ledger:
        return of_unit(ledger, ledger.unit(SERIAL)).state


def hand_over(bench: Bench, file: Path, *more: str) -> int:
    word = bench.folder / "passphrase"
    word.write_text("a long enough one\n")
    words = ["ledger", "hand-over", str(file), "--ledger", str(bench.ledger)]
    return cli.run([*words, "--passphrase-file", str(word), *more])


def test_a_unit_that_failed_burn_in_alone_is_passed_nowhere(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    started(bench)
    where = ["--ledger", str(bench.ledger)]
    out = ["--out", str(tmp_path / "out")]
    with bench.board("mute") as board:
        assert bench.command(board)[0] == 1
        capsys.readouterr()

        cli.run(["ledger", "units", *where])
        said = capsys.readouterr().out
        assert "failed at burn-in: tone:" in said and LOUDSPEAKER in said

        assert cli.run(["label", "--batch", "SIM-2611", *where, *out]) == 2
        assert f"no label for {SERIAL}: failed at burn-in" in capsys.readouterr().err
        assert cli.run(["label", SERIAL, *where, *out]) == 2
        assert not (tmp_path / "out").exists()

        assert cli.run(["ledger", "report", "--batch", "SIM-2611", *where, *out]) == 0
        assert "1 unit: 1 failed" in capsys.readouterr().out
        with (tmp_path / "out" / "SIM-2611-report.csv").open(encoding="utf-8-sig") as file:
            row = next(csv.DictReader(file))
        assert (row["state"], row["step"], row["failures"]) == ("failed", "burn-in", "1")
        assert LOUDSPEAKER in row["reason"]

        file = tmp_path / "units.handover"
        assert hand_over(bench, file, "--unit", SERIAL) == 2
        said = capsys.readouterr().err
        assert f"{SERIAL} is not to be handed over: failed at burn-in. Left to do: " in said
        assert LOUDSPEAKER in said and "calibrate it" in said and "--although" in said
        assert hand_over(bench, file) == 2 and not file.exists()
        assert hand_over(bench, file, "--although", "spare, for its panel") == 2
        assert hand_over(bench, file, "--unit", SERIAL, "--although", "for its panel") == 0
        with Ledger.read(bench.ledger) as ledger:
            kept = ledger.history(SERIAL, "hand-over")[-1].facts
            assert kept["although"] == "for its panel" and LOUDSPEAKER in kept["stood"]

        board.faults.mend("mute")
        assert bench.command(board)[0] == 0
    assert state(bench) == "passed"
    assert cli.run(["label", "--batch", "SIM-2611", *where, *out]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("1 label: ")


def test_a_burn_in_whose_lamps_nobody_saw_is_no_pass(bench: Bench):
    started(bench)
    with bench.board() as board:
        assert bench.command(board, operator=Nobody())[0] == 0
        assert state(bench) == "lamps not seen"
        assert bench.command(board)[0] == 0
    assert state(bench) == "passed"


def test_a_board_that_falls_silent_has_failed(bench: Bench):
    started(bench)
    with bench.board() as board:
        board.unplug()
        assert bench.command(board)[0] == 1
    # Who it was it did not say.
    assert state(bench) == "not burned in"
    with bench.board() as board:

        def report(name: str, check: object) -> None:
            if name == "tone":
                board.unplug()

        assert bench.command(board, report=report)[0] == 1
    assert state(bench) == "failed"
