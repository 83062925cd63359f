"""A whole hub whose stores are on a PostgreSQL server, which is killed while boxes report."""

import os
import shutil
import signal
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hub_process import HubProcess, until
from postgres_server import OwnServer
from scripted_unit import START, Box
from waiting import DEADLINE

from noisetamer.base import database

pytestmark = pytest.mark.service


def rows(hub: HubProcess, query: str) -> list[Any]:
    with closing(database.reader(hub.data / "hub.sqlite")) as connection:
        return connection.execute(query).fetchall()


def test_what_was_acknowledged_is_there_once_though_the_server_was_killed_meanwhile(
    tmp_path: Path, own_postgres: OwnServer
):
    hub = HubProcess(tmp_path / "hub", "--enrol", "SIM-0001", "--database", own_postgres.url)
    try:
        assert list(hub.data.glob("*.sqlite")) == []
        box = Box(hub.unit())
        with box.mqtt:
            for seq in range(1, 31):
                box.seconds(seq, START + 10 * seq, [500 + seq] * 10)
            box.wait_ack(30)
            own_postgres.kill()
            for seq in range(31, 61):
                box.seconds(seq, START + 10 * seq, [500 + seq] * 10)
            box.stage(61, START + 611, "green", "red")
            until(lambda: hub.says("cannot be written"), "the sentence")
            own_postgres.start()
            box.wait_ack(61)
        assert rows(hub, "SELECT count(*), min(seq), max(seq) FROM record") == [(61, 1, 61)]
        assert rows(hub, "SELECT count(*) FROM feed WHERE seq IS NOT NULL") == [(1,)]
        found = hub.get("units/SIM-0001/last-hour").json()
        levels = [level for level in found["LAeq"] if level is not None]
        assert levels == [500 + seq for seq in range(1, 61) for _ in range(10)]
        assert "SIM-0001" in hub.get("").text
        assert hub.stop() == 0
    finally:
        if hub.process.poll() is None:
            hub.kill()


def test_a_copy_of_the_folder_takes_over_and_the_paused_hub_ends(
    tmp_path: Path, postgres_url: str
):
    """As on another machine: its folder's lock knows nothing of the first."""
    first = HubProcess(tmp_path / "hub", "--enrol", "SIM-0001", "--database", postgres_url)
    hubs = [first]
    try:
        shutil.copytree(first.data, tmp_path / "copy")
        os.kill(first.process.pid, signal.SIGSTOP)
        hubs.append(HubProcess(tmp_path / "copy"))
        os.kill(first.process.pid, signal.SIGCONT)
        assert first.process.wait(DEADLINE) == 2
        assert first.says("Another hub has taken over PostgreSQL at")
        box = Box(hubs[1].unit())
        with box.mqtt:
            box.seconds(1, START, [500] * 10)
            box.wait_ack(1)
        assert hubs[1].stop() == 0
    finally:
        for hub in hubs:
            if hub.process.poll() is None:
                hub.kill()
