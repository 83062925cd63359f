"""Everything that can be wrong with a board, at once: each ends with its own reason, and the
board beside it passes all the same."""

import re
from contextlib import ExitStack
from pathlib import Path

import carton
import pytest
from carton import ledger_file

from noisetamer.unit.boards import board_file
from noisetamer.workshop.flash.job import FlashOutcome
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.ledger.refused import refused
from noisetamer.workshop.ledger.standing import standings

pytestmark = pytest.mark.tools

# What it says, and whether the board got as far as a serial.
REASONS = {
    "bad-flash:0x10800": (
        r"^MD5 of file does not match data in flash: run again; .* put the board aside$",
        True,
    ),
    "busy": (r"is busy: another program has it open, end that first", False),
    "crash:900": (
        r"^MicroPython crashed; it says: Guru Meditation Error: .*: pull the cable, put it in",
        True,
    ),
    "dead": (r"^no chip answers .*hold BOOT", False),
    "drop:9000": (r"^the port went away: .*run again", False),
    "drop-in-write:20000": (r"^the port went away: .*run again", True),
    "full:8192": (r"^its file system is full, no room for /.*: erase it with 'esptool", True),
    "garbage:200": (r"^no chip answers .*noise or corruption.*: hold BOOT", False),
    "no-psram": (r"^it has no PSRAM, the board esp32_s3 needs 8 MB: .* send it back", False),
    "permission": (r"^You may not open .*: join the group .*usermod", False),
    "wrong-chip:esp32c3": (
        r"^this is an ESP32-C3 .*the board esp32_s3 has an esp32s3: flash it with --board",
        False,
    ),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, FlashOutcome]]:
    folder = tmp_path_factory.mktemp("faults")
    with ExitStack() as stack:
        boards = {
            fault: stack.enter_context(carton.virtual_board(folder, fault.split(":")[0], fault))
            for fault in REASONS
        }
        boards["slow"] = stack.enter_context(carton.virtual_board(folder, "slow", "slow:3"))
        boards["sound"] = stack.enter_context(carton.virtual_board(folder, "sound"))
        outcomes = carton.flash_boards(folder, boards, carton.order(folder), jobs=len(boards))
    return folder, {outcome.port: outcome for outcome in outcomes}


@pytest.mark.parametrize("fault", REASONS)
def test_a_bad_board_says_what_is_wrong(run, fault: str):
    _, outcomes = run
    reason, enrolled = REASONS[fault]
    outcome = outcomes[fault]
    assert not outcome.passed
    assert outcome.reason and re.search(reason, outcome.reason), outcome.reason
    assert bool(outcome.serial) == enrolled


@pytest.mark.parametrize("good", ["slow", "sound"])
def test_a_good_board_passes_beside_bad_ones(run, good: str):
    _, outcomes = run
    assert outcomes[good].passed, outcomes[good].reason


def test_the_ledger_knows_each_of_them_with_its_reason(run):
    folder, outcomes = run
    with Ledger.read(ledger_file(folder)) as ledger:
        units = {standing.unit.serial: standing for standing in standings(ledger)}
        boards = {board.port: board.reason for board in refused(ledger)}
    for outcome in outcomes.values():
        if outcome.serial:
            assert units[outcome.serial].reason == outcome.reason
            assert units[outcome.serial].state == ("not burned in" if outcome.passed else "failed")
        else:
            assert boards[outcome.port] == outcome.reason


def test_where_no_fuse_tells_of_psram_the_heap_does(tmp_path: Path):
    board = board_file.read("esp32_wrover")
    outcome = carton.flash_one(tmp_path, made_as=board, faults=("no-psram",), board=board)
    assert (outcome.passed, outcome.step) == (False, "firmware")
    assert re.match(
        r"it has no PSRAM \(\d+ kB of heap\), the board esp32_wrover needs 8 MB: .* send it back",
        outcome.reason,
    )


def test_after_a_crash_the_next_run_goes_on(tmp_path: Path):
    first = carton.flash_one(tmp_path, faults=("crash:900",))
    second = carton.flash_one(tmp_path)
    assert (first.passed, second.passed) == (False, True)
    assert second.serial == first.serial == "SIM-2611-0001"
