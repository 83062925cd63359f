"""What a verb reads is not what it writes over, by whatever name it is called."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from program import run

from noisetamer.base.paths import BOARDS
from noisetamer.square.scenario import SHIPPED
from noisetamer.unit.policy.file import EXAMPLES
from noisetamer.unit.policy.messages import VOICES
from noisetamer.unit.voice import catalogue
from noisetamer.workshop.ledger.ledger import Ledger


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(read: Path, *words: object) -> None:
    before = read.read_bytes()
    ran = run(*words)
    assert ran.code == 2
    assert ran.wrong[-1].endswith(": is what is read, and would be lost; choose another place")
    assert read.read_bytes() == before


def itself(file: Path) -> str:
    return str(file)


def from_here(file: Path) -> str:
    return f"../{file.parent.name}/{file.name}"


def linked(file: Path) -> str:
    link = file.with_name("link")
    link.symlink_to(file.name)
    return str(link)


@pytest.mark.parametrize("called", [itself, from_here, linked])
@pytest.mark.parametrize("action", ["show", "compile"])
def test_policy(here: Path, action: str, called: Callable[[Path], str]):
    policy = here / "policy.toml"
    shutil.copy(next(EXAMPLES.glob("*.toml")), policy)
    refused(policy, "policy", action, policy, "--out", called(policy))


@pytest.mark.parametrize("option", [[], ["other.json", "--against"]])
def test_backtest(here: Path, option: list[str]):
    """Of a folder of which the policy has the name of an output."""
    policy = here / "backtest.json"
    shipped = next(EXAMPLES.glob("*.toml"))
    for file in (policy, here / "other.json"):
        assert run("policy", "compile", shipped, "--out", file).code == 0
    levels = here / "levels.csv"
    levels.write_text("time,LAeq\n2026-11-24 21:30:00,60\n2026-11-24 21:30:01,61\n")
    refused(policy, *("policy", "backtest", *option, policy, "--data", levels, "--out", str(here)))


def test_fleet(here: Path):
    ledger = here / "ledger.sqlite"
    with Ledger.open(ledger):
        pass
    refused(ledger, "fleet", "calibration", "--ledger", ledger, "--out", ledger)
    store = here / "hub.sqlite"
    store.write_bytes(b"")
    refused(store, "fleet", "self-check", "NT1-2611-0001", "--data", here, "--out", store)


def test_ledger_hand_over(here: Path):
    ledger, key = here / "ledger.sqlite", here / "ledger.key"
    with Ledger.open(ledger):
        pass
    key.write_bytes(b"a key")
    for file in (ledger, key):
        refused(file, "ledger", "hand-over", file, "--ledger", ledger, "--key", key)


def test_board_wiring(here: Path):
    board = here / "board.py"
    shutil.copy(BOARDS / "esp32_s3.py", board)
    refused(board, "board", "wiring", board, "--out", board)


def test_voice_preview(here: Path):
    name = next(iter(catalogue.entries(VOICES)))
    voices = here / "voices"
    shutil.copytree(VOICES, voices)
    message = catalogue.file_of(voices, name)
    refused(message, "voice", "list", name, "--voices", voices, "--preview", message)


def test_simulate_junit(here: Path):
    story = here / "story.toml"
    shutil.copy(SHIPPED / "quiet_night.toml", story)
    refused(story, *("simulate", story, "--levels", "--until", "1m", "--junit", story))


def test_update_build(here: Path):
    assert run("update", "stamp-key", "--out", here).code == 0
    (key,) = here.glob("*.pub")
    words = "--number", "1", "--board", "esp32_s3", "--stamp-key", key, "--out", key
    refused(key, "update", "build", *words)
