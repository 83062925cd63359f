"""What is gone for ever is kept as a fact, and a spoilt write-ahead log is said."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from scripted_unit import START, event, seconds

from noisetamer.hub.store import losses
from noisetamer.hub.store.losses import Hole
from noisetamer.hub.store.wal import spoilt_commits
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import read_report

UNIT = "SIM-0001"


def append(store: Store, *messages: bytes, at: float = 5.0):
    reports = [read_report(f"dev.{UNIT}.record", message) for message in messages]
    return store.append(at, reports)  # pyright: ignore[reportArgumentType]


def told(seq: int, oldest: int = 1) -> bytes:
    return seconds(seq, START + 10 * seq, [500] * 10, oldest=oldest)


def holes(file: Path) -> list[Hole]:
    with closing(sqlite3.connect(file)) as connection:
        return losses.holes(connection, 0)


def test_records_that_a_unit_has_given_up_are_told_once_with_their_span(tmp_path: Path):
    store = Store(tmp_path / "hub.sqlite")
    append(store, *(told(seq) for seq in (1, 2, 3)))
    assert holes(store.file) == []
    # of what lies between, one had come
    append(store, told(6))
    append(store, event(10, START + 100, "spotlight", on=True, oldest=10), at=7.0)
    hole = Hole(UNIT, 1, 4, 9, 5, START + 39, START + 100, 7.0)
    assert holes(store.file) == [hole]
    # sent again, after a restart too
    append(store, told(11, oldest=10), told(11, oldest=11))
    store.close()
    store = Store(tmp_path / "hub.sqlite")
    append(store, told(12, oldest=10))
    assert holes(store.file) == [hole]
    store.close()


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """What a hub leaves that was killed after ten commits, of which none is in its main file."""
    store = Store(tmp_path / "before.sqlite")
    store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for seq in range(1, 11):
        append(store, told(seq))
    for end in ("", "-wal"):
        shutil.copyfile(tmp_path / f"before.sqlite{end}", tmp_path / f"hub.sqlite{end}")
    store.close()
    return tmp_path / "hub.sqlite"


def count(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT count(*) FROM record").fetchone()[0]


def test_a_whole_log_is_whole(killed: Path):
    log = killed.with_name("hub.sqlite-wal")
    assert spoilt_commits(log) == 0
    # a power cut in the midst of a commit that was not acknowledged
    log.write_bytes(log.read_bytes()[:-1000])
    assert spoilt_commits(log) == 0
    Store(killed).close()
    assert count(killed) == 9
    assert spoilt_commits(log) == 0  # it is gone


def test_a_spoilt_page_in_the_log_is_said_and_kept(killed: Path):
    log = killed.with_name("hub.sqlite-wal")
    raw = bytearray(log.read_bytes())
    raw[len(raw) // 2] ^= 1
    log.write_bytes(raw)
    lost = spoilt_commits(log)
    assert lost > 3
    store = Store(killed)
    left = count(killed)
    assert left == 10 - lost
    with closing(sqlite3.connect(killed)) as connection:
        (wound,) = losses.wounds(connection)
    assert wound.what.startswith(f"the last {lost} commits cannot be read any more (the log: hub.")
    (kept,) = (killed.parent / "damaged").glob("hub.sqlite-wal-*")
    assert kept.read_bytes() == bytes(raw)
    # the box has let go of them: it is said which they are
    append(store, told(11, oldest=11))
    (hole,) = holes(killed)
    assert (hole.first, hole.last, hole.missing) == (left + 1, 10, lost)
    assert (hole.since, hole.until) == (START + 10 * left + 9, START + 119)
    store.close()
