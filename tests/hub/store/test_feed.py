"""Every event and status once, in the order of their commits."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from scripted_unit import START, event, seconds, stage

from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Store, StoreError
from noisetamer.hub.wire import Record, Status, read_report


def record(message: bytes, unit: str = "SIM-0001") -> Record:
    found = read_report(f"dev.{unit}.record", message)
    assert isinstance(found, Record)
    return found


@pytest.fixture
def store(folder: Path) -> Store:
    return Store(folder / "hub.sqlite")


def test_each_event_and_status_comes_once_however_often_it_is_sent(store: Store):
    red = record(stage(2, START, "green", "red"))
    online = Status("SIM-0001", True, {"online": True, "t": START, "b": 1}, b"")
    store.append(7.0, [online, record(seconds(1, START, [500])), red, red])
    store.append(8.0, [red, Status("SIM-0001", False, {"online": False}, b"")])
    news = Queries(store.file).feed(0, 10)
    assert [(one.received, one.kind, one.seq, one.t) for one in news] == [
        (7.0, "status", None, START),
        (7.0, "stage", 2, START),
        (8.0, "status", None, None),
    ]
    assert news[1].fields == red.fields  # pyright: ignore[reportAttributeAccessIssue]
    assert news[2].fields == {"online": False}
    assert Queries(store.file).feed_end() == news[-1].id


def test_a_reader_goes_on_behind_its_mark(store: Store):
    for seq in range(1, 6):
        store.append(0.0, [record(stage(seq, START + seq, "green", "red"))])
    queries = Queries(store.file)
    seen, mark = [], 0
    while news := queries.feed(mark, 2):
        assert len(news) <= 2
        seen += [one.seq for one in news]
        mark = news[-1].id
    assert seen == [1, 2, 3, 4, 5]


def test_what_was_not_committed_is_not_in_it(tmp_path: Path):
    store = Store(tmp_path / "hub.sqlite")
    with closing(sqlite3.connect(store.file)) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON minute BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        other.commit()
        both = [record(stage(1, START, "green", "red")), record(seconds(2, START, [500]))]
        with pytest.raises(StoreError):
            store.append(0.0, both)
        assert Queries(store.file).feed(0, 10) == []
        other.execute("DROP TRIGGER full")
        other.commit()
    store.append(0.0, both)
    assert [one.seq for one in Queries(store.file).feed(0, 10)] == [1]


def test_an_event_that_was_dated_since_is_told_with_its_date(store: Store):
    store.append(0.0, [record(stage(1, 40, "green", "red"))])
    assert [one.t for one in Queries(store.file).feed(0, 10)] == [40]
    clock = event(2, START, "clock", boot_at=START - 60, source="hub")
    store.append(0.0, [record(clock)])
    assert [(one.kind, one.t) for one in Queries(store.file).feed(0, 10)] == [
        ("stage", START - 20),
        ("clock", START),
    ]
