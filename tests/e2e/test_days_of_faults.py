"""Whatever fails at random: every second is stored once, or it is told where it has gone."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from days_of_faults import START, Days
from fault_schedule import schedule
from second_account import account

from noisetamer.hub.store import chain_findings

pytestmark = pytest.mark.e2e

SEED = 14327  # in so short a time every kind of fault but ntp-lost
SECONDS = 1800
HASTE = 8


def test_the_same_seed_has_the_same_faults():
    assert schedule(SEED, SECONDS, 3, HASTE) == schedule(SEED, SECONDS, 3, HASTE)
    assert schedule(SEED, SECONDS, 3, HASTE) != schedule(SEED + 1, SECONDS, 3, HASTE)


def test_every_second_of_three_boxes_is_stored_once_or_told_as_missing(tmp_path: Path):
    made = schedule(SEED, SECONDS, 3, HASTE)
    days = Days(made, tmp_path, SEED)
    try:
        days.run()
    finally:
        days.end()
    assert days.broken == []
    for one in days.lives:
        store = days.hub.data / "hub.sqlite"
        found = account(store, one.unit, one.box.boots(), START, START + SECONDS)
        assert found.broken == []
        assert found.seconds.total() == SECONDS
        assert found.seconds["valid"] > SECONDS / 2
        with closing(sqlite3.connect(store)) as connection:
            of_chain = chain_findings.findings(connection, [one.unit], 0, 1 << 40)
            begun = "SELECT boot, seq FROM chain_start WHERE unit=?"
            assert connection.execute(begun, (one.unit,)).fetchone()
            connection.execute("DELETE FROM record WHERE unit=? AND boot=1 AND seq=3", (one.unit,))
            connection.commit()
        assert [one for one in of_chain if one.alarming] == []
        # The account would have shown it.
        found = account(store, one.unit, one.box.boots(), START, START + SECONDS)
        assert f"{one.unit}: 1 records of boot 1 are missing, and not told" in found.broken
