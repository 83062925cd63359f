"""A load as its command runs it, small: a real hub and broker, and a real process of boxes."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hub_process import HubProcess, until

from noisetamer.cli import run
from noisetamer.load.faults import FAULTS
from noisetamer.load.run import Found, Load, Plan
from noisetamer.load.site import NamedHub
from noisetamer.load.table import lines

pytestmark = pytest.mark.service

UNITS = 20


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("load") / "hub"


@pytest.fixture(scope="module")
def load(data: Path) -> Load:
    faults = [("broker-kill", FAULTS["broker-kill"])]
    return Load(Plan(UNITS, 3.0, faults, every=0.4, processes=1), NamedHub(data), print)


@pytest.fixture(scope="module")
def found(data: Path, load: Load) -> Found:
    hub = HubProcess(data)
    try:
        site = NamedHub(data)
        assert site.processes() == {"hub": [hub.process.pid], "broker": [hub.broker_pid()]}
        site.enrol(load.units)
        config = data / "broker" / "nats.conf"
        until(lambda: load.units[-1] in config.read_text(), "a broker that admits them")
        found = asyncio.run(load.run())
    finally:
        hub.stop()
    load.account(found)
    return found


def test_all_that_was_acknowledged_is_stored_once(found: Found):
    assert [stretch.name for stretch in found.stretches] == [
        *("coming", "calm", "broker-kill", "rest")
    ]
    acknowledged = sum(stretch.account.acknowledged for stretch in found.stretches)
    assert acknowledged > 4 * UNITS
    assert acknowledged == sum(stretch.counts.acknowledged for stretch in found.stretches)
    assert sum(stretch.account.stored for stretch in found.stretches) == acknowledged
    assert all(one.account.lost == one.account.doubled == 0 for one in found.stretches)
    assert found.held == 0
    assert found.stored >= acknowledged


def test_every_box_came_back(found: Found):
    coming, _, killed, rest = found.stretches
    assert coming.counts.connected == coming.up == UNITS
    assert killed.counts.lost.total() >= UNITS
    assert rest.up == UNITS
    assert not any(stretch.counts.forged for stretch in found.stretches)


def test_the_hub_took_it_for_what_boxes_say(data: Path, found: Found):
    """Nothing was refused, and every chain holds."""
    with closing(sqlite3.connect(data / "hub.sqlite")) as store:
        assert store.execute("SELECT count(*) FROM refused").fetchone() == (0,)
        assert store.execute("SELECT count(*) FROM chain_finding").fetchone() == (0,)
        assert store.execute("SELECT count(*) FROM chain_start").fetchone() >= (UNITS,)


def test_what_is_missing_is_told(data: Path, load: Load, found: Found):
    name = load.units[3], 1, 1
    with closing(sqlite3.connect(data / "hub.sqlite")) as store:
        row = store.execute("SELECT * FROM record WHERE (unit, boot, seq)=(?,?,?)", name)
        kept = row.fetchone()
        store.execute("DELETE FROM record WHERE (unit, boot, seq)=(?,?,?)", name)
        store.commit()
        load.account(found)
        assert sum(stretch.account.lost for stretch in found.stretches) == 1
        assert any("1 of them lost" in line for line in lines(found, UNITS))
        store.execute("INSERT INTO record VALUES(?,?,?,?,?,?,?)", kept)
        store.commit()
    load.account(found)
    assert not any(stretch.account.lost for stretch in found.stretches)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--units", "0"], "--units 0: give 1 to"),
        (["--minutes", "0"], "--minutes 0: give more than 0"),
        (["--minutes", "inf"], "--minutes inf: give more than 0"),
        (["--backlog", "100001"], "--backlog 100001: give 0 to 100000"),
        (["--faults", "earthquake"], "there is none such; there are: broker-kill, hub-kill"),
        (["--hub", "nowhere", "--data", "new"], "leave it or --hub away"),
    ],
)
def test_bad_words_end_in_a_sentence(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
):
    assert run(["load", *words]) == 2
    assert told in capsys.readouterr().err


def test_a_hub_that_does_not_run_is_one_sentence(
    data: Path, found: Found, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for folder, told in ((tmp_path, "No hub has run in"), (data, "No hub runs in")):
        assert run(["load", "--hub", str(folder), "--units", "1"]) == 2
        assert told in capsys.readouterr().err
