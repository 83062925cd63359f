"""Hours that are over are packed while their day runs, and nobody who reads or sends notices."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted_unit import event, seconds

from noisetamer.base import database
from noisetamer.hub.maintenance.salvage import salvage
from noisetamer.hub.store import (
    chain_book,
    day_packing,
    hour_packing,
    mending,
    minutes_check,
    past_days,
    past_hours,
    raw_records,
    refusals,
    roll_ups,
    soundness,
)
from noisetamer.hub.store.hour_sums import HOUR
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.schema import PAST_HOURS, SCHEMA
from noisetamer.hub.store.writer import Ack, Store
from noisetamer.hub.wire import Event, Seconds, read_report

MIDNIGHT = 20780 * DAY
FIRST = MIDNIGHT // HOUR
UNIT = "SIM-0001"
# of ten minutes at the begin of each hour, and those that follow
IN_AN_HOUR = 60


def report(message: bytes) -> Seconds | Event:
    found = read_report(f"dev.{UNIT}.record", message)
    assert isinstance(found, Seconds | Event)
    return found


def told(seq: int, t: int, level: int = 0, boot: int = 1) -> bytes:
    chance = random.Random(seq)
    return seconds(seq, t, [level or chance.randint(300, 900) for _ in range(10)], boot=boot)


class Running:
    """A store with the first hours of a day: ten minutes of each, from 5 s before it on."""

    def __init__(self, folder: Path, hours: int = 4) -> None:
        self.file = folder / "hub.sqlite"
        self.store = Store(self.file)
        self.messages: dict[int, bytes] = {}
        for n in range(hours * IN_AN_HOUR):
            hour, place = divmod(n, IN_AN_HOUR)
            t = MIDNIGHT + hour * HOUR + 10 * place - 5
            kind = event(n + 1, t, "spotlight", on=True) if place == 30 else told(n + 1, t)
            self.messages[n + 1] = kind
        self.append(*self.messages.values(), at=MIDNIGHT + hours * HOUR)

    def append(self, *messages: bytes, at: float):
        return self.store.append(at, [report(message) for message in messages])

    def pack_hours(self, now: float, at_least: int = hour_packing.AT_LEAST) -> int:
        since = int(now - past_days.PACKED_AFTER) // DAY
        with closing(database.reader(self.file)) as reader:
            found = hour_packing.to_pack(reader, now, since, at_least=at_least)
            return sum(self.store.pack_hours(some) for some in found)

    def next_step(self) -> Any:
        with closing(database.reader(self.file)) as reader:
            hours = hour_packing.to_pack(reader, NOW, MIDNIGHT // DAY)
            return next(hours, None) or next(day_packing.to_pack(reader, MIDNIGHT + DAY), None)

    def pack_days(self, before: int = MIDNIGHT + 2 * DAY) -> int:
        with closing(database.reader(self.file)) as reader:
            found = day_packing.to_pack(reader, before)
            return sum(self.store.pack(one) for one in found)

    def rows(self, query: str) -> list[Any]:
        with closing(database.reader(self.file)) as connection:
            return connection.execute(query).fetchall()

    def readable(self) -> list[Any]:
        queries = Queries(self.file)
        with closing(database.reader(self.file)) as connection:
            wrong = [*soundness.problems(connection), *minutes_check.problems(connection)]
            assert not any(wrong), wrong
            return [
                queries.units(),
                queries.span(UNIT),
                queries.latest(UNIT),
                queries.last_hour(UNIT),
                queries.columns(UNIT, MIDNIGHT - 77, DAY).tolist(),
                [
                    queries.columns(UNIT, MIDNIGHT + at, 1801).tolist()
                    for at in (-1, HOUR - 3, 4567)
                ],
                [*past_days.records(connection, UNIT, 1), *past_days.records(connection, UNIT, 2)],
                past_days.between(connection, UNIT, 1, 20, 100),
                [past_days.next_seq(connection, UNIT, 1, seq) for seq in (0, 31, 99, 239, 500)],
                raw_records.touching(connection, UNIT, MIDNIGHT + 100, MIDNIGHT + 2 * HOUR),
                [past_days.newest_minute(connection, UNIT) >= FIRST * 60],
                roll_ups.hours(connection, [UNIT], MIDNIGHT, MIDNIGHT + DAY)[1],
            ]


NOW = MIDNIGHT + 5 * HOUR


@pytest.fixture
def running(folder: Path) -> Iterator[Running]:
    found = Running(folder)
    yield found
    found.store.close()


def test_whoever_reads_does_not_notice(running: Running):
    # another boot has the end of the day before, louder, and goes on
    running.append(told(1, MIDNIGHT - 10, 950, boot=2), told(2, MIDNIGHT + 900, boot=2), at=NOW)
    before = running.readable()
    assert running.pack_hours(NOW - 1) == 0  # an hour more may be late
    assert running.pack_hours(NOW) == 4
    assert running.readable() == before
    # events, few of a boot and the newest are left as rows, and of the minutes what these say
    assert running.rows("SELECT boot, seq FROM record ORDER BY boot, seq") == [
        *((1, seq) for seq in (31, 91, 151, 211, 240)),
        *((2, seq) for seq in (1, 2)),
    ]
    left = running.rows("SELECT minute FROM minute ORDER BY 1")
    assert [minute - FIRST * 60 for (minute,) in left] == [-1, 15, 189]
    assert running.pack_hours(NOW) == 0
    running.store.close()
    running.store = Store(running.file)
    assert running.readable() == before
    for day in (MIDNIGHT, MIDNIGHT + DAY):
        assert running.pack_days(day) > 0
        assert running.readable() == before
    assert running.rows("SELECT count(*) FROM past_hours") == [(0,)]
    assert running.rows("SELECT boot, first, last, marks FROM past_records ORDER BY id") == [
        (2, 1, 1, None),
        (1, 1, 239, None),
    ]
    assert running.pack_days() == 0


def test_what_is_sent_again_is_known_and_what_differs_is_set_aside(running: Running):
    running.pack_hours(NOW)
    before = running.readable()
    again = running.append(running.messages[3], at=NOW)
    assert (again.fresh, again.refused) == ([], [])
    assert again.acks == [Ack(UNIT, 1, 3), Ack(UNIT, 1, 240)]
    other = running.append(told(5, MIDNIGHT + 35, level=333), at=NOW)
    assert (other.fresh, [one.conflict for one in other.refused]) == ([], [True])
    assert running.readable() == before
    running.store.close()
    running.store = Store(running.file)
    # it is remembered that two lives share this boot
    assert running.append(told(5, MIDNIGHT + 35, level=333), at=NOW).acks == []


@pytest.mark.parametrize("seed", range(3))
def test_what_comes_late_meets_what_is_there_in_whatever_form(tmp_path: Path, seed: int):
    """Two boots that claim the same seconds too, packed now and then."""
    states = []
    for often in (0.0, 0.5):
        (folder := tmp_path / str(often)).mkdir()
        chance, packing = random.Random(seed), random.Random(seed)
        found = Running(folder, 2)
        late = {
            1: [told(121 + n, MIDNIGHT + chance.randint(-30, 2 * HOUR), 800) for n in range(40)],
            2: [
                told(1 + n, MIDNIGHT + chance.randint(0, 900), chance.choice([0, 200]), boot=2)
                for n in range(40)
            ],
        }
        for n in range(8):
            for of_boot in late.values():
                found.append(*of_boot[5 * n : 5 * n + 5], at=NOW)
            if packing.random() < often:
                found.pack_hours(NOW + HOUR, at_least=packing.randint(1, 12))
        states.append(found.readable())
        found.pack_days()
        states.append(found.readable())
        found.store.close()
    assert states[0] == states[1] == states[2] == states[3]


def test_the_louder_of_two_boots_holds_though_it_was_packed_first(tmp_path: Path):
    found = Running(tmp_path, 1)
    quiet = [told(n, MIDNIGHT + 10 * n - 5, 200, boot=2) for n in range(1, 9)]
    found.append(*quiet, at=MIDNIGHT)
    before = found.readable()
    for at_least in (hour_packing.AT_LEAST, 1):
        assert found.pack_hours(NOW, at_least) == 1
        assert found.readable() == before
    found.pack_days()
    assert found.readable() == before
    found.store.close()


def test_what_comes_while_an_hour_is_packed_is_not_lost(tmp_path: Path):
    found = Running(tmp_path)
    with closing(database.reader(found.file)) as reader:
        hours = hour_packing.to_pack(reader, NOW, MIDNIGHT // DAY)
        first = next(hours)
        found.append(told(241, MIDNIGHT + 700), at=NOW)
        before = found.readable()
        assert found.store.pack_hours(first) == 0
        assert sum(found.store.pack_hours(some) for some in hours) == 3
    assert found.readable() == before
    found.store.close()


def test_a_hub_that_is_killed_between_or_in_steps_has_each_record_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    found = Running(tmp_path, 2)
    before = found.readable()
    steps = 0
    while step := found.next_step():
        is_hours = isinstance(step, list)
        module = hour_packing if is_hours else day_packing
        done: list[bool] = []

        def put(*told: Any, real: Any = module.put, done: list[bool] = done) -> bool:
            done.append(real(*told))
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(module, "put", put)
            with pytest.raises(KeyboardInterrupt):
                found.store.pack_hours(step) if is_hours else found.store.pack(step)
        assert done == [True]
        for _ in range(2):
            found.store.close()
            found.store = Store(found.file)
            assert found.readable() == before
            if done:
                assert found.store.pack_hours(step) if is_hours else found.store.pack(step)
                done.clear()
        steps += 1
    assert steps == 4  # an hour each, the day, and the end of the one before
    found.store.close()


def test_a_day_whose_minutes_cannot_be_read_from_its_records_stays_in_its_hours(tmp_path: Path):
    found = Running(tmp_path, 2)
    found.pack_hours(NOW)
    before = found.readable()
    closed = found.next_step()
    assert not found.store.pack(replace(closed, records=[]))
    assert found.readable() == before
    assert found.store.pack(closed)
    assert found.readable() == before
    found.store.close()


def test_whoever_asks_for_what_is_packed_goes_by_an_index(tmp_path: Path):
    running = Running(tmp_path)
    running.pack_hours(NOW)
    running.append(told(5, MIDNIGHT + 35, level=333), at=NOW)
    asked: list[str] = []
    with closing(sqlite3.connect(running.file)) as connection:
        connection.set_trace_callback(asked.append)
        past_days.columns(connection, UNIT, MIDNIGHT, DAY)
        past_days.newest_minute(connection, UNIT)
        list(past_days.records(connection, UNIT, 1))
        past_days.between(connection, UNIT, 1, 20, 100)
        past_days.next_seq(connection, UNIT, 1, 5)
        past_days.PastRecords(connection).body(UNIT, 1, 5)
        past_hours.span(connection, UNIT)
        raw_records.touching(connection, UNIT, MIDNIGHT, MIDNIGHT + HOUR)
        refusals.conflicts(connection, lambda *name: None)
        chain_book.Book(connection).before(UNIT, (1, 500))
        connection.set_trace_callback(None)
        plans = {
            query: [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
            for query in asked
            if "past_" in query
        }
    assert len(plans) > 10
    for query, steps in plans.items():
        assert not [step for step in steps if step.startswith("SCAN past_")], (query, steps)
        if "past_records" in query and "records" in query.split(" FROM ")[0]:
            # To be sorted, the blobs of all days would be read.
            assert not [step for step in steps if "TEMP B-TREE" in step], (query, steps)
    running.store.close()


def test_what_may_be_needed_to_prove_others_stays_as_it_came(tmp_path: Path):
    found = Running(tmp_path, 2)
    # after a gap, with the mark before it: 120 is the last that is acknowledged
    late = [seconds(seq, MIDNIGHT + 900 + 10 * seq, [400], oldest=1) for seq in range(130, 180)]
    found.append(*late, at=MIDNIGHT)
    found.append(*(told(n, 10 * n, boot=2) for n in range(1, 50)), at=MIDNIGHT)  # undated
    assert found.pack_hours(NOW) == 2
    assert found.rows("SELECT boot, count(*), min(seq) FROM record GROUP BY boot ORDER BY 1") == [
        (1, 2 + 1 + 50, 31),
        (2, 49, 1),
    ]
    assert (120,) in found.rows("SELECT seq FROM record WHERE boot=1")
    found.store.close()


def test_a_store_of_before_opens_and_is_read_beside(folder: Path):
    file = folder / "hub.sqlite"
    older = replace(SCHEMA, steps=SCHEMA.steps[: PAST_HOURS - 1])
    database.opened(file, older).close()
    assert Queries(file).columns(UNIT, MIDNIGHT, 60)[-1].tolist() == [0xFFFF] * 60
    assert (Queries(file).units(), Queries(file).span(UNIT)) == ([], None)
    running = Running(folder, 2)
    before = running.readable()
    assert running.pack_hours(NOW) == 2
    assert running.readable() == before
    running.store.close()


def spoil(file: Path, hour: int) -> None:
    with closing(database.plain(file)) as connection:
        key = UNIT, hour
        ((blob,),) = connection.execute(
            "SELECT records FROM past_hours WHERE unit=? AND hour=?", key
        ).fetchall()
        blob = blob[:40] + bytes([blob[40] ^ 0x55]) + blob[41:]
        connection.execute("UPDATE past_hours SET records=? WHERE unit=? AND hour=?", (blob, *key))


def test_an_hour_that_is_spoilt_is_named_stays_out_of_its_day_and_stops_no_report(
    running: Running,
):
    before = Queries(running.file).columns(UNIT, MIDNIGHT, 4 * HOUR)
    running.pack_hours(NOW)
    spoil(running.file, FIRST + 1)
    with closing(database.reader(running.file)) as connection:
        said = [one for one in soundness.problems(connection) if one]
    assert [one.split(":")[0] for one in said] == [f"records 61 to 120 of boot 1 of {UNIT}"]
    running.pack_days()
    assert running.rows("SELECT hour FROM past_hours ORDER BY 1") == [
        (FIRST + n,) for n in range(4)
    ]
    after = Queries(running.file).columns(UNIT, MIDNIGHT + 2 * HOUR, 2 * HOUR)
    assert (after == before[:, 2 * HOUR :]).all()
    # what the unit still has comes back
    running.store.close()
    running.store = Store(running.file)
    assert [one.seq for one in running.append(running.messages[70], at=NOW).fresh] == [70]
    assert running.append(told(241, MIDNIGHT + 5000), at=NOW).acks == [Ack(UNIT, 1, 241)]


@pytest.mark.parametrize(
    ("newer", "backup"),
    [("rows", "day"), ("hours", "before"), ("hours", "day"), ("day", "hours"), ("day", "before")],
)
def test_what_is_put_together_from_two_stores_has_each_record_once(
    tmp_path: Path, newer: str, backup: str
):
    copies: dict[str, Path] = {}
    found = Running(tmp_path, 2)

    def copy(name: str) -> None:
        copies[name] = tmp_path / f"{name}.sqlite"
        with closing(sqlite3.connect(found.file)) as source:
            source.execute("VACUUM INTO ?", (str(copies[name]),))

    copy("before")
    # a minute that there is in part changes, and an hour has more
    found.append(told(121, MIDNIGHT + 598), told(122, MIDNIGHT + HOUR + 700), at=NOW - HOUR)
    copy("rows")
    found.pack_hours(NOW)
    copy("hours")
    found.pack_days()
    copy("day")
    before = found.readable()
    found.store.close()
    found.file.unlink()
    salvage([copies[newer], copies[backup]], found.file)
    with closing(sqlite3.connect(found.file, isolation_level=None)) as connection:
        mending.mend(connection)
        assert mending.note_what_is_missing(connection, 1.0) == []
    found.store = Store(found.file)
    after = found.readable()
    assert after[:-1] == before[:-1]
    found.store.close()
