"""No reader's error, no locked file and no spoilt page ends what the hub is there for."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median

import pytest
from hub_process import HubProcess, until
from scripted_unit import START, Box
from waiting import DEADLINE

from noisetamer.hub.maintenance import backup

pytestmark = pytest.mark.service


@contextmanager
def locked(*files: Path) -> Iterator[None]:
    """Nobody else can write them; some other program does, and takes its time."""
    with ExitStack() as stack:
        for file in files:
            connection = stack.enter_context(
                closing(sqlite3.connect(file, timeout=DEADLINE, isolation_level=None))
            )
            connection.execute("BEGIN EXCLUSIVE")
        yield


def test_a_locked_store_is_said_and_waited_for(hub: HubProcess, box: Box):
    store = hub.data / "hub.sqlite"
    with locked(store):
        box.seconds(1, START, [500])
        until(lambda: hub.says("hub.sqlite cannot be written (database is locked)"), "the word")
        told = hub.get("health")
        assert told.status_code == 503
        assert "database is locked" in told.json()["troubles"][0]
        assert hub.get("").status_code == 200
    box.wait_ack(1)
    until(lambda: hub.get("health").status_code == 200, "a hub that is well")


def test_every_other_database_may_be_locked_and_units_are_acknowledged_all_the_same(
    hub: HubProcess, box: Box
):
    others = [file for file in backup.databases(hub.data) if file.name != "hub.sqlite"]
    assert len(others) >= 5
    with locked(*others):
        took: list[float] = []
        # what everybody listens to
        for seq in range(1, 20, 2):
            begun = time.monotonic()
            box.seconds(seq, START + 10 * seq, [900] * 10)
            box.stage(seq + 1, START + 10 * seq, "green", "red")
            box.wait_ack(seq + 1)
            took.append(time.monotonic() - begun)
        # no lock is waited for, which would be 5 s, on the way to an acknowledgement; the machine
        # may stand still now and then
        assert median(took) < 4.5
    box.seconds(21, START + 300, [500])
    box.wait_ack(21)
    until(lambda: hub.get("health").status_code == 200, "a hub that is well")


def test_a_reader_of_what_is_spoilt_is_the_only_one_who_notices(hub: HubProcess, box: Box):
    box.seconds(1, START, [500] * 10)
    box.wait_ack(1)
    with closing(sqlite3.connect(hub.data / "hub.sqlite", timeout=DEADLINE)) as store, store:
        store.execute("UPDATE minute SET LAeq=x'00'")
        store.execute("UPDATE event SET fields='no JSON'")
        store.execute("INSERT INTO past_minutes VALUES('SIM-0001', ?, x'0155')", (START // 86400,))
    for path in ("units/SIM-0001/last-hour", "units/SIM-0001/hours", "fleet", "squares/SIM-0001"):
        assert hub.get(path).status_code in (200, 404, 500, 503), path
    for seq in (2, 3):
        box.seconds(seq, START + 3600 * seq, [510] * 10)
        box.wait_ack(seq)
    assert hub.get("").status_code == 200
