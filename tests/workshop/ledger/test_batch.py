"""`noisetamer batch`: what is left for each unit, and the finish line."""

import json
from pathlib import Path

import pytest
from batch_ledger import BATCH, burned_in, failed, flashed, made, passed

from noisetamer import cli
from noisetamer.base.keys.vault import Vault
from noisetamer.workshop.ledger.ledger import Ledger

MUTE = ("failed", "look at the loudspeaker's wires")
UNSEEN = ("not confirmed", "driven, and nobody looked")


@pytest.fixture
def ledger_file(tmp_path: Path) -> Path:
    """Two good units, one that failed, a board refused; then one each that lacks something."""
    ledger, vault = made(tmp_path)
    with ledger:
        burned_in(ledger, flashed(ledger, vault, "24:0a:c4:00:00:05"), tone=MUTE)
        burned_in(ledger, flashed(ledger, vault, "24:0a:c4:00:00:06"), LEDs_red=UNSEEN)
        flashed(ledger, vault, "24:0a:c4:00:00:07")
        finished(ledger, passed(ledger, vault, "24:0a:c4:00:00:08", "NT1-2611-0001"))
    return tmp_path / "ledger.sqlite"


def finished(ledger: Ledger, serial: str) -> None:
    certificate = {"deviation": 0.0, "due": "2099-11-28"}
    ledger.record(serial, "calibration", "passed", certificate)
    ledger.record(serial, "label", "passed", {})
    ledger.record(serial, "hand-over", "passed", {"file": "units.handover"})


def batch(ledger_file: Path, *more: str) -> int:
    return cli.run(["batch", "NT1-2611", "--ledger", str(ledger_file), *more])


def test_it_says_what_is_left_for_each_unit(ledger_file: Path, capsys):
    assert batch(ledger_file) == 1
    said = capsys.readouterr().out
    assert "\x1b" not in said
    lines = said.splitlines()
    assert lines[0] == (
        "Batch NT1-2611, 7 units: 2 passed, 1 lamps not seen, 1 not burned in, 2 failed, "
        "1 replaced; 1 board refused"
    )
    assert lines[2].split("  ")[0].strip() == "unit"
    assert "NT1-2611-0001  replaced: by NT1-2611-0007" in lines
    left = dict(line.split("  ", 1) for line in lines[lines.index("Left to do") + 1 :][:5])
    rest = "calibrate it; label it; hand it over"
    assert left == {
        "NT1-2611-0002": rest,
        "NT1-2611-0003": (
            "flash it again: MD5 of file does not match data in flash; burn it in; " + rest
        ),
        "NT1-2611-0004": (
            "tone: look at the loudspeaker's wires; then 'noisetamer burn-in' again; " + rest
        ),
        "NT1-2611-0005": "look at its lamps: 'noisetamer burn-in' asks for them; " + rest,
        "NT1-2611-0006": "burn it in; " + rest,
    }
    assert "refused: 24:0a:c4:00:00:04 on c, it has no PSRAM" in lines
    assert lines[-1] == (
        "1 of 6 finished: flashed 5, burned in 3, lamps seen 3, calibrated 1, labelled 1, "
        "handed over 1."
    )


def test_its_json_says_the_same(ledger_file: Path, capsys):
    assert batch(ledger_file, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["of"], found["finished"], found["done"]["lamps seen"]) == (6, False, 3)
    states = [unit["state"] for unit in found["units"]]
    assert states[:4] == ["replaced", "passed", "failed", "failed"]
    assert found["units"][3]["steps"]["burned in"]["state"] == "failed"
    assert found["units"][3]["step"] == "burn-in"
    assert found["units"][6]["left"] == [] and found["units"][6]["square"] == "人民广场"
    assert [board["port"] for board in found["refused"]] == ["c"]


def test_a_finished_batch_has_its_line_and_exit_code_0(tmp_path: Path, capsys):
    file = tmp_path / "ledger.sqlite"
    with Ledger.open(file) as ledger:
        for number in range(2):
            vault = Vault(tmp_path / "ledger.key")
            finished(ledger, passed(ledger, vault, f"24:0a:c4:00:00:0{number}"))
    line = "flashed, burned in, lamps seen, calibrated, labelled and handed over."
    assert batch(file) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"2 of 2 {line}"
    assert batch(file, "--of", "3") == 1
    said = capsys.readouterr().out.splitlines()[-1]
    assert said.startswith("2 of 3 finished") and said.endswith("1 board is yet to be flashed.")
    # The ledger keeps the number; the newest counts.
    assert batch(file) == 1
    assert batch(file, "--of", "2") == 0
    with Ledger.open(file) as ledger:
        dead = failed(ledger, Vault(tmp_path / "ledger.key"), "24:0a:c4:00:00:09", "no chip")
    assert batch(file) == 1
    assert cli.run(["ledger", "set-aside", dead, " ", "--ledger", str(file)]) == 2
    assert cli.run(["ledger", "set-aside", dead, "it is dead", "--ledger", str(file)]) == 0
    capsys.readouterr()
    assert batch(file) == 0
    said = capsys.readouterr().out.splitlines()
    assert f"{dead}  set aside: it is dead" in said and said[-1] == f"2 of 2 {line}"


def test_a_batch_that_was_only_announced_is_not_finished(tmp_path: Path, capsys):
    file = tmp_path / "ledger.sqlite"
    Ledger.open(file).close()
    assert batch(file) == 2
    assert f"has no unit of the batch {BATCH}" in capsys.readouterr().err
    assert batch(file, "--of", "12") == 1
    assert "12 boards are yet to be flashed." in capsys.readouterr().out
    assert batch(file, "--of", "0") == 2
    assert batch(tmp_path / "none.sqlite", "--of", "12") == 2
    assert not (tmp_path / "none.sqlite").exists()


def test_an_exception_is_remarked_on(tmp_path: Path, capsys):
    ledger, vault = made(tmp_path)
    with ledger:
        serial = flashed(ledger, vault, "24:0a:c4:00:00:05")
        burned_in(ledger, serial, tone=MUTE)
        ledger.record(serial, "hand-over", "passed", {"although": "for its panel"})
    assert batch(tmp_path / "ledger.sqlite") == 1
    assert (
        f"{serial}: handed over although it was not to be: for its panel"
        in capsys.readouterr().out
    )
