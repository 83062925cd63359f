"""`noisetamer flash` and `replace`, as a technician types them, with the real firmware."""

import io
import re
import shutil
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest
from folders import ROOT

from noisetamer import cli
from noisetamer.base.keys.vault import UnitSecrets, Vault
from noisetamer.base.paths import BOARDS
from noisetamer.unit.boards import board_file
from noisetamer.workshop.flash import command
from noisetamer.workshop.ledger.ledger import Ledger

pytestmark = pytest.mark.tools


class Said(NamedTuple):
    code: int
    lines: list[str]
    errors: str


def typed(folder: Path, verb: str, *words: str) -> Said:
    """What a command on the ledger of a folder answers."""
    out, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(errors):
        code = cli.run([verb, *words, "--ledger", str(folder / "ledger.sqlite")])
    return Said(code, out.getvalue().splitlines(), errors.getvalue())


CARTON = ("flash", "--simulated", "2", "--batch", "SIM-2611")


@pytest.fixture(scope="module")
def carton(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Said]:
    """Two boards made units for a square, once for all tests; and what that said."""
    folder = tmp_path_factory.mktemp("carton")
    place = folder / "square.toml"
    place.write_text('square = "Square"\nwifi = { ssid = "net", key = "pass phrase" }\n')
    return folder, typed(folder, *CARTON, "--square", str(place))


@pytest.fixture
def folder(carton: tuple[Path, Said], tmp_path: Path) -> Path:
    """A copy of that carton, boards and all."""
    return shutil.copytree(carton[0], tmp_path / "carton")


def test_a_carton_becomes_units_with_their_firmware(carton: tuple[Path, Said]):
    _, said = carton
    assert said.code == 0, said.lines
    assert said.lines[-1] == "2 of 2 pass"
    speed = r"2 boards in .* s, 2 at a time: \d+ an hour; .* MB in .* s of transfers, .* a board"
    assert re.fullmatch(speed, said.lines[-2])


def test_no_secret_is_ever_printed(carton: tuple[Path, Said]):
    folder, said = carton
    for secrets in secrets_of(folder, "SIM-2611-0001", "SIM-2611-0002"):
        for secret in (secrets.mqtt, secrets.chain, secrets.command):
            assert secret not in "\n".join(said.lines) + said.errors


def test_a_further_run_has_nothing_to_do(folder: Path):
    said = typed(folder, *CARTON)
    assert (said.code, said.lines[-1]) == (0, "2 of 2 pass")
    assert all(line.endswith("nothing to do") for line in said.lines[:2])


def test_new_hardware_takes_a_units_place(folder: Path):
    said = typed(folder, "replace", "SIM-2611-0002", "--simulated")
    assert said.code == 0, said.lines
    assert said.lines[-1] == "SIM-2611-0002 is replaced by SIM-2611-0003: hand it over to the hub"
    old, new = secrets_of(folder, "SIM-2611-0002", "SIM-2611-0003")
    assert not {old.mqtt, old.chain, old.command} & {new.mqtt, new.chain, new.command}
    with Ledger.read(folder / "ledger.sqlite") as ledger:
        inherited = ledger.history("SIM-2611-0003", "setup")[-1].facts
        assert (inherited["square"], inherited["ssid"]) == ("Square", "net")
        assert ledger.history("SIM-2611-0002")[-1].facts == {"by": "SIM-2611-0003"}
    # The old hardware does not come back.
    again = typed(folder, *CARTON)
    assert again.code == 1
    revoked = (
        "it was SIM-2611-0002 and has been replaced by SIM-2611-0003; its secrets are revoked: "
        "take it out, use another board"
    )
    assert any(line.endswith(revoked) for line in again.lines)


def secrets_of(folder: Path, *serials: str) -> list[UnitSecrets]:
    vault = Vault(folder / "ledger.key")
    with Ledger.read(folder / "ledger.sqlite") as ledger:
        return [vault.open_secrets(serial, ledger.unit(serial).secrets) for serial in serials]


@pytest.mark.parametrize("board", sorted(file.stem for file in BOARDS.glob("*.py")))
def test_a_dry_run_says_what_would_be_done_and_keeps_nothing(tmp_path: Path, board: str):
    """Of any board in boards/: the virtual one is as its file says, or it would be refused."""
    said = typed(tmp_path, "flash", "--simulated", "1", "--board", board, "--dry-run")
    assert said.code == 0
    assert "would write MicroPython v1.29.0" in said.lines[0]
    assert said.lines[-1] == "1 board looked at, nothing written"
    assert not (tmp_path / "ledger.sqlite").exists()


def test_one_failed_board_is_exit_code_1(tmp_path: Path):
    said = typed(tmp_path, "flash", "--simulated", "1", "--faults", "100%", "--seed", "6")
    last = "0 of 1 pass, 1 failed: do what the reason says, then run the same command again"
    assert (said.code, said.lines[-1]) == (1, last)
    assert "it has no PSRAM" in said.lines[0]
    assert said.lines[-2].startswith("1 board in ")


def test_the_same_seed_breaks_the_same_boards():
    def faulty(seed: int) -> dict[int, tuple[str, ...]]:
        return command._faulty(50, "10%", seed, board_file.read("esp32_s3"))

    assert faulty(3) == faulty(3)
    assert len(faulty(3)) == 5
    assert faulty(3) != faulty(4)


def test_a_board_without_psram_does_not_lack_it():
    for board, lacks in (("esp32_s3", True), ("esp32_c3", False)):
        faulty = command._faulty(50, "100%", 1, board_file.read(board))
        assert (("no-psram",) in faulty.values()) == lacks


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--port", "/dev/nowhere"], "There is no port /dev/nowhere: is the cable in?"),
        (["--faults", "10%"], "--faults is for virtual boards"),
        (["--simulated", "0"], "--simulated 0: give a number from 1 to 999"),
        (["--simulated", "1", "--faults", "x"], "--faults x: give a share"),
        (["--simulated", "1", "--jobs", "99"], "--jobs 99: give a number from 1 to 16"),
        (["--simulated", "1", "--batch", "x"], "'x' is no batch"),
        (["--simulated", "1", "--batch", "NT1-2611"], "virtual boards have the product SIM"),
        (["--all", "--batch", "SIM-2611"], "only virtual boards have the product SIM"),
        (["--simulated", "1", "--board", "esp9"], "There is no board file esp9.py"),
        (["--simulated", "1", "--image", "nowhere.bin"], "The image nowhere.bin cannot be read"),
        (["--simulated", "1", "--square", "nowhere.toml"], "nowhere.toml: cannot be read"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    tmp_path: Path, words: list[str], sentence: str
):
    said = typed(tmp_path, "flash", *words)
    assert said.code == 2
    assert sentence in said.errors
    assert len(said.errors.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ([], "flash"),
        (["--all"], "flash --all"),
        (["--simulated", "3"], "flash --simulated 3"),
        (["demo", "--units", "3"], "demo --units 3"),
        (["ledger", "units"], "ledger units"),
        (["--help"], "--help"),
    ],
)
def test_flash_sh_without_a_verb_means_flash(tmp_path: Path, words: list[str], meant: str):
    shutil.copy(ROOT / "flash.sh", tmp_path)
    for name, does in (("host/environment.sh", "true"), (".venv/bin/noisetamer", 'echo "$@"')):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    said = subprocess.check_output([tmp_path / "flash.sh", *words], text=True)
    assert said.strip() == meant
