import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from scripted_unit import START, event, seconds, stage

from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import REFUSED_KEPT, Ack, Refusal, Store, StoreError
from noisetamer.hub.wire import Event, Seconds, read_report


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "hub.sqlite")


def report(message: bytes) -> Seconds | Event:
    found = read_report("dev.SIM-0001.record", message)
    assert isinstance(found, Seconds | Event)
    return found


def record(seq: int, **fields: Any) -> Seconds | Event:
    return report(seconds(seq, START + 10 * seq, [500 + seq] * 10, **fields))


def rows(store: Store, query: str) -> list[Any]:
    with closing(sqlite3.connect(store.file)) as connection:
        return connection.execute(query).fetchall()


def contents(store: Store) -> list[Any]:
    tables = ("minute", "event", "acked")
    return [rows(store, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


def test_the_ack_is_the_highest_seq_without_a_gap(store: Store):
    assert store.append(0, [record(1), record(2), record(4)]).acks == [Ack("SIM-0001", 1, 2)]
    assert store.append(0, [record(3)]).acks == [Ack("SIM-0001", 1, 4)]


def test_nothing_is_acknowledged_before_the_first_seq(store: Store):
    assert store.append(0, [record(2)]).acks == []


def test_a_duplicate_is_acknowledged_again_and_stored_once(store: Store):
    store.append(0, [record(1)])
    again = store.append(0, [record(1), record(1)])
    assert (again.fresh, again.acks) == ([], [Ack("SIM-0001", 1, 1)])
    assert rows(store, "SELECT count(*) FROM record") == [(1,)]


def test_an_older_boots_leftovers_are_acknowledged_for_their_own_boot(store: Store):
    found = store.append(0, [record(1, boot=2), record(1, boot=1), record(2, boot=1)])
    assert found.acks == [Ack("SIM-0001", 2, 1), Ack("SIM-0001", 1, 2)]


def test_what_the_unit_no_longer_holds_is_not_waited_for(store: Store):
    assert store.append(0, [record(8, oldest=7)]).acks == [Ack("SIM-0001", 1, 6)]
    assert store.append(0, [record(9, oldest=8)]).acks == [Ack("SIM-0001", 1, 9)]


def test_any_order_and_any_repetition_end_in_the_same_tables(tmp_path: Path):
    records = [record(seq) for seq in range(1, 40)]
    records.append(report(stage(40, START, "green", "amber")))
    stores = [Store(tmp_path / f"{name}.sqlite") for name in ("straight", "shuffled")]
    stores[0].append(0, records)
    shuffled = records * 2
    random.Random(1).shuffle(shuffled)
    for start in range(0, len(shuffled), 7):
        stores[1].append(0, shuffled[start : start + 7])
    assert contents(stores[0]) == contents(stores[1])
    assert rows(stores[1], "SELECT seq FROM acked") == [(40,)]


def test_a_batch_is_stored_whole_or_not_at_all(store: Store):
    broken = record(2)
    object.__setattr__(broken, "body", None)  # NOT NULL in the table
    with pytest.raises(StoreError):
        store.append(0, [record(1), broken])
    assert rows(store, "SELECT * FROM record") == []
    assert store.append(0, [record(1)]).acks == [Ack("SIM-0001", 1, 1)]


def test_a_full_database_stores_nothing_says_so_and_goes_on_later(store: Store):
    store.append(0, [record(1)])
    pages = rows(store, "PRAGMA page_count")[0][0]
    store._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError, match=r"hub\.sqlite cannot be written \(database or disk is"):
        store.append(0, [record(seq) for seq in range(2, 200)])
    assert rows(store, "SELECT count(*) FROM record") == [(1,)]
    store._connection.execute("PRAGMA max_page_count=1000000")
    assert store.append(0, [record(2)]).acks == [Ack("SIM-0001", 1, 2)]


def test_a_file_that_is_no_database_is_one_clear_sentence(tmp_path: Path):
    (tmp_path / "hub.sqlite").write_text("levels, but not ours\n" * 100)
    with pytest.raises(StoreError, match=r"cannot be written .*not a database"):
        Store(tmp_path / "hub.sqlite")


def test_refused_reports_are_kept_with_their_reason_but_bounded(store: Store):
    store.append(0, [Refusal("dev.X.seconds", f"reason {i}", b"?") for i in range(1200)])
    assert rows(store, "SELECT count(*), max(reason) FROM refused WHERE reason='reason 1199'") == [
        (1, "reason 1199")
    ]
    assert rows(store, "SELECT count(*) FROM refused") == [(REFUSED_KEPT,)]


def test_the_last_hour_shows_levels_gaps_and_reasons(store: Store):
    store.append(
        0,
        [
            report(seconds(1, START, [500, 510])),
            report(seconds(2, START + 2, [900, 900], flags=6)),
            report(seconds(3, START + 7, [520])),
        ],
    )
    curve = Queries(store.file).last_hour("SIM-0001")
    assert curve is not None
    assert curve.t0 == START  # before the unit's first second nothing is missing
    assert curve.LAeq == [500, 510, None, None, None, None, None, 520]
    assert curve.invalid == [
        (START + 2, START + 4, "own voice"),
        (START + 4, START + 7, "not received"),
    ]


def test_the_last_hour_ends_at_the_units_newest_record_however_late_others_arrive(store: Store):
    store.append(0, [record(1, boot=2)])
    late = report(seconds(1, START - 7000, [400] * 10, boot=1))
    store.append(0, [late])
    curve = Queries(store.file).last_hour("SIM-0001")
    assert curve is not None
    assert curve.t0 + len(curve.LAeq) == START + 20
    assert curve.LAeq[-10:] == [501] * 10


def test_the_last_hour_is_no_longer_than_an_hour(store: Store):
    store.append(0, [report(seconds(i + 1, START + 10 * i, [i] * 10)) for i in range(400)])
    curve = Queries(store.file).last_hour("SIM-0001")
    assert curve is not None
    assert len(curve.LAeq) == 3600
    assert (curve.LAeq[0], curve.LAeq[-1], curve.invalid) == (40, 399, [])


def test_a_unit_that_never_reported_has_no_hour(store: Store):
    assert Queries(store.file).last_hour("SIM-0001") is None


def test_events_come_back_in_the_order_they_happened(store: Store):
    second = report(event(2, START + 5, "spotlight", on=True))
    first = report(event(1, START, "boot", reset="power on"))
    store.append(0, [second])
    store.append(0, [first])
    assert [e.kind for e in Queries(store.file).events("SIM-0001", 9)] == ["boot", "spotlight"]
