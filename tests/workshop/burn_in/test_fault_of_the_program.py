"""A mistake in our own code, on this computer or on the unit: no check fails for it."""

from pathlib import Path

import pytest
from burn_in_bench import SERIAL, Bench
from faults_of_the_program import traceback_in

from noisetamer import cli
from noisetamer.workshop.burn_in.checks import audio, storage
from noisetamer.workshop.burn_in.context import MADE
from noisetamer.workshop.burn_in.on_unit import CHECK, STEP
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.port.errors import REPLUG, SnippetFault
from noisetamer.workshop.port.session import Snippet

pytestmark = pytest.mark.tools

NOT_OURS = "a fault of the program, not of your input or a board: "


def test_on_this_computer_it_ends_the_run_with_exit_code_3(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def mistaken(*_):
        raise KeyError("self_test")

    monkeypatch.setattr(audio, "judge_kernel", mistaken)
    where = ["--ledger", str(bench.ledger), "--key", str(bench.folder / "ledger.key")]
    with bench.board() as board:
        code = cli.run(["burn-in", "--port", board.url, "--unattended", *where])
    said = capsys.readouterr()
    assert code == 3
    assert "FAIL" not in said.out
    assert f"noisetamer burn-in: {NOT_OURS}KeyError: 'self_test'" in said.err
    assert "in mistaken" in traceback_in(said.err)
    with Ledger.read(bench.ledger) as ledger:
        assert ledger.history(SERIAL, STEP) + ledger.history(SERIAL, CHECK) == []


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        ("made.no_such_part", "AttributeError: .*no_such_part.*, raised on the board"),
        ("kernels.best()", "NameError: .*kernels.*, raised on the board"),
        ("feed(1, 2)", "TypeError: .*, raised on the board"),
    ],
)
def test_on_the_unit_it_is_no_failed_check(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: str, said: str
):
    file = tmp_path / "mistaken.py"
    file.write_text(
        f"from __main__ import feed, made\ndef kernel_times(blocks):\n    return {mistake}\n"
    )
    monkeypatch.setattr(audio, "HEARS", Snippet(file, (MADE,)))
    with bench.board() as board, pytest.raises(SnippetFault, match=said) as raised:
        bench.burn_in(board)
    assert "in kernel_times" in raised.value.__notes__[0]


def test_what_hardware_does_fails_its_check_and_no_other(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "broken.py"
    file.write_text("def keep_and_read(pieces, seed):\n    raise OSError(5)\n")
    monkeypatch.setattr(storage, "KEEPS", Snippet(file, (MADE,)))
    # The memory is asked by the same file.
    memory = dict(free=10**6, used=0, inside=None)
    file.write_text(f"{file.read_text()}def memory():\n    return {memory}\n")
    with bench.board() as board:
        found, made = bench.burn_in(board)
    assert [check.name for check in found.failed] == ["flash"]
    assert made["flash"].verdict == f"MicroPython says: OSError: [Errno 5] EIO: {REPLUG}"
