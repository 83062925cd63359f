import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import poison
import pytest
from hub_process import HubProcess, until
from scripted_unit import START, Box, seconds

from noisetamer.hub.store.minutes import NOT_RECEIVED
from noisetamer.hub.store.refusals import Refusal
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Name

pytestmark = pytest.mark.service


def rows(hub: HubProcess, query: str) -> list[Any]:
    with closing(sqlite3.connect(hub.data / "hub.sqlite")) as connection:
        return connection.execute(query).fetchall()


def test_what_is_acknowledged_is_in_the_store_at_that_moment(hub: HubProcess, box: Box):
    for seq in range(1, 51):
        box.seconds(seq, START + seq, [500 + seq])
        box.wait_ack(seq)
        assert rows(hub, "SELECT max(seq) FROM record") == [(seq,)]


def test_a_hub_killed_in_mid_flood_lost_nothing_acknowledged_and_a_resend_doubles_nothing(
    hub: HubProcess,
):
    total = 2000
    box = Box(hub.unit())
    for seq in range(1, total // 2):
        box.seconds(seq, START + 10 * seq, [seq % 1000] * 10)
    acknowledged = box.ack()  # the first of many: the rest is under way
    hub.kill()
    assert acknowledged > 0
    kept = {seq for (seq,) in rows(hub, "SELECT seq FROM record")}
    assert set(range(1, acknowledged + 1)) <= kept

    hub.start()
    again = Box(hub.unit())
    for seq in range(1, total + 1):  # everything again: the box cannot know what got through
        again.seconds(seq, START + 10 * seq, [seq % 1000] * 10)
    again.wait_ack(total)
    assert rows(hub, "SELECT count(*), min(seq), max(seq) FROM record") == [(total, 1, total)]
    flags = np.frombuffer(b"".join(row[0] for row in rows(hub, "SELECT flags FROM minute")), "<u2")
    assert np.count_nonzero(flags != NOT_RECEIVED) == 10 * total


def test_a_bad_report_is_set_aside_and_blocks_nothing(hub: HubProcess, box: Box):
    box.mqtt.publish("dev/SIM-0001/record", b"\x02\x01\x00\x00\x00 no record")
    box.event(1, START, "stage", **{"from": "green", "to": "purple"}, limit=650, level=671)
    box.event(1, START, "boot", reset="power on")
    assert box.ack() == 1
    assert rows(hub, "SELECT subject, reason, body FROM refused ORDER BY id")[0] == (
        "dev.SIM-0001.record",
        "10 bytes are no record",
        b"\x02\x01\x00\x00\x00 no record",
    )
    assert rows(hub, "SELECT count(*) FROM refused") == [(2,)]
    assert rows(hub, "SELECT kind FROM event") == [("boot",)]
    until(lambda: hub.says("a report was set aside (10 bytes are no record)"), "the sentence")


def test_whatever_is_refused_the_hundred_records_after_it_are_stored_at_once(
    hub: HubProcess, box: Box
):
    for topic, message in poison.nameless().values():
        if " " not in topic:  # for that the broker itself breaks off
            box.mqtt.publish(topic, message)
    poisons = list(poison.records(boot=1))
    for boot, what in enumerate(poisons, 1):
        box.record(poison.records(boot)[what])
        for seq in range(2, 102):
            box.seconds(seq, START + seq, [500], boot=boot)
    told: dict[int, str] = {}
    waiting = set(range(1, len(poisons) + 1))
    while waiting:
        topic, body = box.mqtt.receive()
        fields = json.loads(body)
        if topic == "cmd/SIM-0001/refused":
            told[fields["b"]] = fields["why"]
        elif fields["s"] == 101:
            assert fields["b"] in told  # first: until the acknowledgement the unit has the record
            waiting.discard(fields["b"])
    assert all(0 < len(why) <= 200 for why in told.values())
    kept = rows(hub, "SELECT boot, body FROM refused WHERE seq=1 ORDER BY boot")
    assert kept == [(boot, poison.records(boot)[what]) for boot, what in enumerate(poisons, 1)]
    assert rows(hub, "SELECT count(*) FROM record") == [(100 * len(poisons),)]
    page = hub.get("squares/SIM-0001?lang=en").text
    shown = len(poisons) + len(poison.nameless()) - 3  # live seconds and moods are not stored
    assert f"cannot read: {shown}," in page


def test_what_an_older_hub_could_not_read_is_stored_when_a_newer_one_starts(tmp_path: Path):
    (tmp_path / "hub").mkdir()
    older = Store(tmp_path / "hub" / "hub.sqlite")
    told = [(Name(1, n, (0, 1)), seconds(n, START + 10 * n, [500] * 10)) for n in range(1, 601)]
    older.append(
        7.5, [Refusal("dev.SIM-0001.record", "no such code", body, name) for name, body in told]
    )
    older.close()
    hub = HubProcess(tmp_path / "hub", "--enrol", "SIM-0001")
    until(lambda: hub.says("600 records that an earlier hub could not read"), "the sentence")
    assert rows(hub, "SELECT count(*), min(received) FROM record") == [(600, 7.5)]
    assert rows(hub, "SELECT count(*) FROM minute") == [(101,)]
    assert rows(hub, "SELECT count(*) FROM refused") == [(0,)]
    hub.stop()


def test_reports_sent_before_the_newest_boot_still_arrive(hub: HubProcess, box: Box):
    box.seconds(1, START, [500], boot=8)
    box.wait_ack(1, boot=8)
    box.seconds(1, START - 100, [400], boot=7)
    box.wait_ack(1, boot=7)


def test_a_unit_that_vanishes_is_offline_by_its_last_will(hub: HubProcess):
    def online() -> int:
        return hub.get("health").json()["online"]

    box = Box(hub.unit())
    until(lambda: online() == 1, "the unit online")
    box.mqtt.break_off()
    until(lambda: online() == 0, "the unit offline")
    assert rows(hub, "SELECT unit, online FROM status") == [("SIM-0001", 0)]


def test_live_seconds_are_asked_for_only_while_somebody_watches(hub: HubProcess):
    box = Box(hub.unit())
    box.seconds(1, START, [500])
    assert box.mqtt.receive()[0] == "cmd/SIM-0001/ack"  # nobody watched: nothing else came
    with hub.client().stream("GET", "events"):
        topic, body = box.mqtt.receive()
    assert (topic, json.loads(body)) == ("cmd/SIM-0001/live", {"for": 60})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.name != "posix" or os.geteuid() or subprocess.run(mounting, check=False).returncode:
        pytest.skip("a file system of 8 MB needs root and mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_nothing_is_acknowledged_and_later_all_goes_on(small_disk: Path):
    hub = HubProcess(small_disk / "hub", "--enrol", "SIM-0001")
    try:
        box = Box(hub.unit())
        box.seconds(1, START, [500] * 10)
        box.wait_ack(1)
        with (small_disk / "ballast").open("wb", buffering=0) as ballast, pytest.raises(OSError):
            while True:
                ballast.write(bytes(4096))
        for seq in range(2, 401):
            box.seconds(seq, START + 10 * seq, [500] * 10)
        until(lambda: hub.says("hub.sqlite cannot be written"), "the sentence")
        assert rows(hub, "SELECT max(seq) FROM record")[0][0] < 400
        ill = hub.get("health")
        assert ill.status_code == 503
        assert "cannot store anything: The store" in ill.json()["troubles"][0]
        (small_disk / "ballast").unlink()
        until(lambda: hub.says("can be written again"), "the recovery")
        # other parts of the hub have met the full disk too
        until(lambda: hub.get("health").status_code == 200, "a hub that is well")
        again = Box(hub.unit())
        for seq in range(2, 401):
            again.seconds(seq, START + 10 * seq, [500] * 10)
        again.wait_ack(400)
        assert rows(hub, "SELECT count(*) FROM record") == [(400,)]
    finally:
        hub.stop()
