"""On a server a day has a partition: readers look at theirs only, and it is dropped as a whole."""

import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from scripted_unit import START, seconds

from noisetamer.base import database
from noisetamer.base.database import days
from noisetamer.hub.store import day_files, day_packing
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.schema import SCHEMA
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Record, read_report

pytestmark = pytest.mark.service

TODAY = START // DAY


def record(unit: str, seq: int, t: int) -> Record:
    found = read_report(f"dev.{unit}.record", seconds(seq, t, [500] * 10))
    assert isinstance(found, Record)
    return found


def rows(store: Store, query: str) -> list[Any]:
    with closing(database.reader(store.file)) as connection:
        return connection.execute(query).fetchall()


def test_who_reads_three_days_looks_at_three_partitions(on_server: Path):
    with closing(Store(on_server / "hub.sqlite")) as store:
        days.make(store._connection, "past_minutes", SCHEMA.by_day["past_minutes"], range(1, 40))
        with closing(store.reader()) as connection, database.one_moment(connection):
            plan = connection.within(  # pyright: ignore[reportAttributeAccessIssue]
                lambda raw: raw.execute(
                    "EXPLAIN SELECT day, columns FROM hub.past_minutes"
                    " WHERE unit='A1' AND day BETWEEN 7 AND 9"
                ).fetchall()
            )
    looked_at = {found[1] for (line,) in plan if (found := re.search(r" on (\w+)", line))}
    days_of_it = {f"past_minutes_{day}" for day in (7, 8, 9)}
    assert (
        days_of_it
        <= looked_at
        <= {
            *days_of_it,
            *(f"{one}_pkey" for one in days_of_it),
            "past_minutes_rest",
            "past_minutes_rest_pkey",
        }
    )


def test_a_day_whose_time_is_over_takes_its_partition_along(on_server: Path, tmp_path: Path):
    with closing(Store(on_server / "hub.sqlite")) as store:
        for unit in ("A1", "B1"):
            store.append(START, [record(unit, n, START + 10 * n) for n in range(1, 5)])
        with closing(store.reader()) as reader:
            for packed in day_packing.to_pack(reader, (TODAY + 1) * DAY):
                store.pack(packed)
        store.let_go(TODAY + 1)
        assert TODAY in days.there(store._connection, "past_minutes")
        assert TODAY not in days.there(store._connection, "record")
        before = Queries(store.file).columns("A1", START, 60).tolist()
        exported = day_files.write(store.file, tmp_path / "day.sqlite", TODAY, ["A1", "B1"])
        assert store.delete(exported, START + DAY) == ["A1", "B1"]
        assert store.let_go(TODAY + 1) == 1
        assert TODAY not in days.there(store._connection, "past_minutes")
        assert rows(store, "SELECT unit, day FROM deleted_day ORDER BY unit") == [
            ("A1", TODAY),
            ("B1", TODAY),
        ]
        assert rows(store, "SELECT unit, day FROM log_news ORDER BY id") == [
            ("A1", TODAY),
            ("B1", TODAY),
        ]
        assert (Queries(store.file).columns("A1", START, 60)[-1] == 0xFFFF).all()
    # what was kept elsewhere is a file, with all of it
    (tmp_path / "kept").mkdir()
    (tmp_path / "day.sqlite").rename(tmp_path / "kept" / "hub.sqlite")
    kept = Queries(tmp_path / "kept" / "hub.sqlite")
    assert kept.columns("A1", START, 60).tolist() == before
