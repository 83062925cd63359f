"""What no code of ours expects: one sentence, exit code 3, and a file with the traceback."""

import tempfile
from pathlib import Path

import pytest
from faults_of_the_program import traceback_in

from noisetamer import cli


@pytest.fixture
def mistaken(monkeypatch: pytest.MonkeyPatch) -> None:
    """`noisetamer board` with a mistake in it."""

    def run_command(arguments) -> int:
        raise KeyError("pins")

    monkeypatch.setattr("noisetamer.unit.boards.command.run_command", run_command)


@pytest.mark.usefixtures("mistaken")
def test_it_is_one_sentence_and_no_fault_of_the_user(capsys: pytest.CaptureFixture[str]):
    assert cli.run(["board", "check", "esp32_s3"]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(
        "noisetamer board: a fault of the program, not of your input or a board: KeyError: 'pins'"
    )
    assert said.err.count("\n") == 1
    assert "in run_command\n" in traceback_in(said.err)


@pytest.mark.usefixtures("mistaken")
def test_where_no_file_can_be_written_the_traceback_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    assert cli.run(["board", "check", "esp32_s3"]) == 3
    said = capsys.readouterr().err
    assert "Traceback (most recent call last)" in said
    assert said.splitlines()[-1].endswith("please report it with the traceback above")


def test_a_verb_that_cannot_be_loaded_is_one_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(cli.VERBS, "board", ("noisetamer.no_such_module", ""))
    assert cli.run(["board", "check", "esp32_s3"]) == 3
    said = capsys.readouterr().err
    assert "ModuleNotFoundError: No module named 'noisetamer.no_such_module'" in said
    traceback_in(said)
