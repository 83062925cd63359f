"""What the user can mend is said in one sentence, with exit code 2."""

from pathlib import Path

import pytest

from noisetamer import cli


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
