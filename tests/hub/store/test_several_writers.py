"""Several hubs write one store on a server, each of its own units."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from scripted_unit import START, seconds, stage

from noisetamer.base import database
from noisetamer.hub.store import day_packing
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Ack, Store
from noisetamer.hub.wire import Record, read_report

pytestmark = pytest.mark.service


def record(unit: str, message: bytes) -> Record:
    found = read_report(f"dev.{unit}.record", message)
    assert isinstance(found, Record)
    return found


def red(unit: str, seq: int) -> Record:
    return record(unit, stage(seq, START + seq, "green", "red"))


@pytest.fixture
def stores(on_server: Path) -> Iterator[tuple[Store, Store]]:
    """Of the units that begin with A, and of those with B."""
    found = [
        Store(on_server / "hub.sqlite", owns=lambda unit, name=name: unit.startswith(name))
        for name in "AB"
    ]
    yield found[0], found[1]
    for one in found:
        one.close()


def waiting(store: Store) -> bool:
    """Whether somebody waits for another's lock."""
    with closing(database.reader(store.file)) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_catalog.pg_locks WHERE NOT granted"
        ).fetchone()
    return row[0] > 0


def test_a_number_that_was_given_out_before_is_seen_before(stores: tuple[Store, Store]):
    first, second = stores
    queries = Queries(first.file)
    with first._transaction():
        first._write(1.0, [red("A1", 1)])
        first._feed.write()
        # its numbers are given out, and it is not committed
        beside = threading.Thread(target=lambda: second.append(2.0, [red("B1", 1)]))
        beside.start()
        until = time.monotonic() + 5
        while not waiting(first) and time.monotonic() < until:
            time.sleep(0.01)
        assert queries.feed(0, 10) == []
    beside.join()
    found = queries.feed(0, 10)
    assert [one.unit for one in found] == ["A1", "B1"]
    assert found[0].id < found[1].id


def test_who_reads_on_behind_an_id_misses_nothing(stores: tuple[Store, Store]):
    def write(store: Store, unit: str) -> None:
        for seq in range(1, 21):
            store.append(0.0, [red(unit, seq)])

    threads = [
        threading.Thread(target=write, args=pair)
        for pair in zip(stores, ("A1", "B1"), strict=True)
    ]
    for thread in threads:
        thread.start()
    queries, seen, mark = Queries(stores[0].file), [], 0
    while any(thread.is_alive() for thread in threads) or queries.feed_end() > mark:
        for one in queries.feed(mark, 5):
            seen.append((one.unit, one.seq))
            mark = one.id
    for unit in ("A1", "B1"):
        assert [seq for told, seq in seen if told == unit] == list(range(1, 21))


def test_each_packs_its_own(stores: tuple[Store, Store]):
    for store, unit in zip(stores, ("A1", "B1"), strict=True):
        told = [record(unit, seconds(n, START + 10 * n, [500] * 10)) for n in range(1, 5)]
        assert store.append(START, told).acks == [Ack(unit, 1, 4)]
    first, second = stores
    before = (START // DAY + 1) * DAY

    def rows(table: str) -> list[Any]:
        with closing(database.reader(first.file)) as connection:
            return connection.execute(f"SELECT DISTINCT unit FROM {table} ORDER BY 1").fetchall()

    def pack(store: Store) -> None:
        with closing(database.reader(store.file)) as connection:
            for packed in day_packing.to_pack(connection, before, store.owns):
                store.pack(packed)
        store.let_go(before // DAY)

    curve = Queries(first.file).columns("B1", START, 60).tolist()
    pack(first)
    assert rows("past_minutes") == [("A1",)]
    assert START // DAY in second._days  # what is not packed keeps its room
    pack(second)
    assert rows("past_minutes") == [("A1",), ("B1",)]
    second._days.look()
    assert START // DAY not in second._days
    # the newest of each boot stays, in the rest
    assert rows("record") == [("A1",), ("B1",)]
    assert Queries(first.file).columns("B1", START, 60).tolist() == curve


class LostError(Exception):
    pass


def test_who_may_write_no_more_writes_nothing(on_server: Path):
    lost = [False]

    def fence(connection: database.Connection) -> None:
        assert connection.in_transaction
        if lost[0]:
            raise LostError

    with closing(Store(on_server / "hub.sqlite", fence=fence)) as store:
        store.append(0.0, [red("A1", 1)])
        lost[0] = True
        with pytest.raises(LostError):
            store.append(0.0, [red("A1", 2)])
        with pytest.raises(LostError):
            store.prove(1.0)
        assert [one.seq for one in Queries(store.file).feed(0, 10)] == [1]
        lost[0] = False
        assert store.append(0.0, [red("A1", 2)]).acks == [Ack("A1", 1, 2)]


def test_what_came_for_a_day_without_room_gets_it_later(on_server: Path):
    with closing(Store(on_server / "hub.sqlite")) as store:
        # of a clock that is a year ahead
        store.append(START, [record("A1", seconds(1, START + 365 * DAY, [500] * 10))])
        assert (START + 365 * DAY) // DAY not in store._days
        store.append(START + 364 * DAY, [record("A1", seconds(2, START + 365 * DAY + 10, [500]))])
        assert (START + 365 * DAY) // DAY in store._days
        found = Queries(store.file).columns("A1", START + 365 * DAY, 11)
        assert found[0].tolist() == [500] * 11
