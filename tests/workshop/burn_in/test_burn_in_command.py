"""What the user can mend is said in one sentence, with exit code 2."""

from pathlib import Path

import pytest
from batch_ledger import made

from noisetamer import cli
from noisetamer.workshop.burn_in import command, result


def test_a_file_that_is_no_result_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "some.json"
    file.write_text('{"result": {"kind": "recipe"}}')
    code = cli.run(["burn-in", "verify", str(file), "--key", str(tmp_path / "key")])
    assert code == 2
    assert "some.json is no burn-in result" in capsys.readouterr().err


@pytest.mark.parametrize("minutes", ["0", "-1", "600"])
def test_a_span_that_is_none_is_refused(minutes: str, capsys: pytest.CaptureFixture[str]):
    assert cli.run(["burn-in", "--minutes", minutes]) == 2
    assert f"{minutes} minutes of burn-in: give a number up to 60" in capsys.readouterr().err


def test_a_port_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    options = ["--ledger", str(tmp_path / "ledger"), "--key", str(tmp_path / "key")]
    code = cli.run(["burn-in", "--port", str(tmp_path / "ttyUSB7"), *options])
    assert code == 2
    assert "ttyUSB7: is the cable in?" in capsys.readouterr().err


def test_a_result_is_looked_at_without_a_word_on_ledger_or_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "LEDGER", tmp_path / "ledger.sqlite")
    result.write(tmp_path / "result.json", result.Result("SIM-2611-0009", "", 2, {}, []), "ab")
    assert cli.run(["burn-in", "verify", "result.json"]) == 2
    assert "There is no ledger" in capsys.readouterr().err
    made(tmp_path)[0].close()
    assert cli.run(["burn-in", "--ledger", "ledger.sqlite", "verify", "result.json"]) == 2
    assert "No unit SIM-2611-0009 is in the ledger" in capsys.readouterr().err
    there = {path.name for path in tmp_path.iterdir()}
    assert there == {"ledger.sqlite", "ledger.key", "ledger.sqlite.lock", "result.json"}


def test_a_ledger_that_is_not_there_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "ledgre.sqlite"
    assert cli.run(["burn-in", "--port", "socket://127.0.0.1:9", "--ledger", str(file)]) == 2
    assert capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
