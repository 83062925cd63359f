"""Twelve boards, five of them bad, and a host that is killed three times on the way.

At which byte of a board is in test_cut_anywhere.py; tests/bench/fifty_units.py takes fifty boards.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import carton
import pytest

pytestmark = pytest.mark.tools

_BOARDS = 12
# Some of them, each of another kind, so that they end at different steps.
_FAULTS = ("wrong-chip", "no-psram", "bad-flash:0x10800", "full:8192", "crash:900")
_KILLS = 3
# A run prints about six lines for each board.
_LINES_UNTIL_KILLED = (14, 26)
# Good units that go through a further run.
_ONCE_MORE = 3
_SEED = 5


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, carton.__file__, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        yield process


class Run:
    """One run of the host: it says what it does; it may be killed at any line."""

    def __init__(
        self,
        hosts: subprocess.Popen[str],
        boards: dict[str, str],
        killed_at: int | None = None,
    ):
        assert hosts.stdin and hosts.stdout
        words = [f"{name}={fault}" if fault else name for name, fault in boards.items()]
        hosts.stdin.write(" ".join(words) + "\n")
        hosts.stdin.flush()
        self.verdicts: dict[str, str] = {}
        _, _, number = next(hosts.stdout).partition("host ")
        self.killed = False
        for count, line in enumerate(iter(hosts.stdout.readline, "ended\n")):
            assert line, "the hosts are gone"
            if count == killed_at:
                os.kill(int(number), signal.SIGKILL)
                self.killed = True
            word, _, rest = line.partition(" ")
            # What it said before it was killed may be read after it.
            if word in ("PASS", "FAIL") and not self.killed:
                port = rest.split(" on ")[1].split()[0].rstrip(",:")
                self.verdicts[port] = line.strip()

    def passed(self) -> set[str]:
        return {port for port, line in self.verdicts.items() if line.startswith("PASS")}


def rows(folder: Path, question: str) -> list[tuple]:
    with sqlite3.connect(carton.ledger_file(folder)) as connection:
        return connection.execute(question).fetchall()


def half_written(folder: Path) -> set[str]:
    """Units whose flashing was begun, and of which the ledger does not say how it ended."""
    flashings = "SELECT serial, outcome FROM entry WHERE step = 'flash' ORDER BY id"
    newest: dict[str, str] = dict(rows(folder, flashings))
    return {serial for serial, outcome in newest.items() if outcome == "begun"}


def last_writes(folder: Path) -> dict[str, int]:
    """When each board's flash was written to last, ns."""
    return {file.parent.name: file.stat().st_mtime_ns for file in folder.glob("boards/*/flash")}


def test_no_serial_twice_no_unit_lost_and_every_bad_one_has_its_reason(
    tmp_path: Path, hosts: subprocess.Popen[str]
):
    chance = random.Random(_SEED)
    boards = {f"board-{i + 1:02}": "" for i in range(_BOARDS)}
    bad = dict(zip(chance.sample(sorted(boards), len(_FAULTS)), _FAULTS, strict=True))
    boards.update(bad)
    good = boards.keys() - bad.keys()

    passed: set[str] = set()
    cut: set[str] = set()
    for _ in range(_KILLS):
        left = {name: fault for name, fault in boards.items() if name not in passed}
        run = Run(hosts, left, killed_at=chance.randint(*_LINES_UNTIL_KILLED))
        assert run.killed
        passed |= run.passed()
        cut |= half_written(tmp_path)
    # in the middle of some, and when others were through
    assert cut and passed
    last = Run(hosts, {name: fault for name, fault in boards.items() if name not in passed})

    assert passed | last.passed() == good
    assert not half_written(tmp_path)
    assert {port for port in last.verdicts if port not in last.passed()} == bad.keys()
    assert all(": " in last.verdicts[port] for port in bad)
    units = rows(tmp_path, "SELECT serial, mac FROM unit ORDER BY counter")
    assert len(units) == len({serial for serial, _ in units}) == len({mac for _, mac in units})
    # Another chip and a chip without PSRAM are refused before they get a serial.
    assert len(units) == _BOARDS - 2
    assert [serial for serial, _ in units] == [f"SIM-2611-{i + 1:04}" for i in range(len(units))]

    before = last_writes(tmp_path), rows(tmp_path, "SELECT * FROM entry"), units
    once_more = chance.sample(sorted(good), _ONCE_MORE)
    again = Run(hosts, dict.fromkeys(once_more, ""))
    assert all(line.endswith("nothing to do") for line in again.verdicts.values())
    assert again.passed() == set(once_more)
    after_units = rows(tmp_path, "SELECT serial, mac FROM unit ORDER BY counter")
    assert (last_writes(tmp_path), rows(tmp_path, "SELECT * FROM entry"), after_units) == before
