"""Days that are over are packed, and whoever reads or sends again does not notice."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scripted_unit import event, seconds

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.backtest import stored
from noisetamer.hub.store import (
    day_packing,
    mending,
    minutes,
    packed_day,
    past_days,
    soundness,
)
from noisetamer.hub.store.day_packing import PackedMinutes
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.writer import Ack, Store
from noisetamer.hub.wire import Event, Seconds, read_report

MIDNIGHT = 20780 * DAY
UNIT = "SIM-0001"


@cache
def report(message: bytes, unit: str = UNIT) -> Seconds | Event:
    found = read_report(f"dev.{unit}.record", message)
    assert isinstance(found, Seconds | Event)
    return found


@cache
def told(seq: int, t: int, level: int = 0) -> bytes:
    chance = random.Random(seq)
    return seconds(seq, t, [level or chance.randint(300, 900) for _ in range(10)])


class Filled:
    """A store with a unit of three days, a record each ten minutes, events between."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "hub.sqlite"
        self.store = Store(self.file)
        self.messages: dict[int, bytes] = {}
        for seq in range(1, 3 * 144 + 1):
            t = MIDNIGHT + 600 * seq - 5
            if seq % 50 == 7:
                self.messages[seq] = event(seq, t, "spotlight", on=True)
            else:
                self.messages[seq] = told(seq, t)
        self.append(*self.messages.values())
        self.append(seconds(1, MIDNIGHT + 300, [444]), unit="SIM-0002")

    def append(self, *messages: bytes, unit: str = UNIT, at: float = 5.5):
        return self.store.append(at, [report(message, unit) for message in messages])

    def pack(self, before: int) -> int:
        count = 0
        with closing(database.reader(self.file)) as reader:
            for packed in day_packing.to_pack(reader, before):
                count += self.store.pack(packed)
        return count

    def rows(self, query: str) -> list[Any]:
        with closing(database.reader(self.file)) as connection:
            return connection.execute(query).fetchall()

    def records(self, unit: str = UNIT) -> list[Any]:
        with closing(database.reader(self.file)) as connection:
            return list(past_days.records(connection, unit, 1))

    def readable(self) -> list[Any]:
        """All that anybody can ask for."""
        queries = Queries(self.file)
        return [
            queries.units(),
            list(stored.seconds(self.file)),
            list(stored.events(self.file)),
            self.records(),
            self.records("SIM-0002"),
            *(
                [
                    queries.span(unit),
                    queries.latest(unit),
                    queries.last_hour(unit),
                    queries.hours(unit, 80, 8),
                    queries.events(unit, 20),
                    queries.undated(unit),
                    queries.hour_from(unit, MIDNIGHT + DAY - 1800),
                    queries.columns(unit, MIDNIGHT - 77, 3 * DAY + 99).tobytes(),
                ]
                for unit in (UNIT, "SIM-0002", "SIM-0003")
            ),
        ]


@pytest.fixture
def filled(folder: Path) -> Iterator[Filled]:
    found = Filled(folder)
    yield found
    found.store.close()


def test_whoever_reads_does_not_notice(filled: Filled):
    before = filled.readable()
    assert filled.pack(MIDNIGHT + 2 * DAY) == 5
    assert filled.readable() == before
    # of two days only events and the newest are left as rows
    assert filled.rows("SELECT count(*) FROM record WHERE unit='SIM-0001'") == [(144 + 1 + 6,)]
    assert filled.rows("SELECT min(minute) FROM minute") == [((MIDNIGHT + 2 * DAY) // 60,)]
    # read with their records: minutes that came back wrong would stand by themselves
    minutes_of = filled.rows("SELECT columns FROM past_minutes WHERE unit='SIM-0001'")
    assert [len(packed_day.names_in(blob)) for (blob,) in minutes_of] == [1, 1]
    assert filled.pack(MIDNIGHT + 2 * DAY) == 0
    assert filled.pack(MIDNIGHT + 9 * DAY) == 3
    assert filled.readable() == before
    filled.store.close()
    filled.store = Store(filled.file)
    assert filled.readable() == before


def test_what_is_sent_again_is_known_and_what_differs_is_set_aside(filled: Filled):
    filled.pack(MIDNIGHT + 9 * DAY)
    before = filled.records()
    again = filled.append(filled.messages[3])
    assert (again.fresh, again.refused) == ([], [])
    assert again.acks == [Ack(UNIT, 1, 3), Ack(UNIT, 1, 432)]
    other = filled.append(told(5, MIDNIGHT + 5, level=333))
    assert (other.fresh, [one.conflict for one in other.refused]) == ([], [True])
    assert filled.records() == before
    filled.store.close()
    filled.store = Store(filled.file)
    # it is remembered that two lives share this boot
    assert filled.append(told(5, MIDNIGHT + 5, level=333)).acks == []


def test_a_late_report_of_a_packed_day_meets_what_is_there(tmp_path: Path):
    states = []
    for packed in (True, False):
        folder = tmp_path / str(packed)
        folder.mkdir()
        found = Filled(folder)
        if packed:
            found.pack(MIDNIGHT + 9 * DAY)
        # louder in part, beside in part, and in a day with nothing yet
        late = [told(433, MIDNIGHT + 600, 950), told(434, MIDNIGHT + 700), told(435, MIDNIGHT - 9)]
        found.append(*late, at=6.5)
        states.append(found.readable())
        if packed:
            found.pack(MIDNIGHT + 9 * DAY)
            states.append(found.readable())
        found.store.close()
    assert states[0] == states[1] == states[2]


def test_what_comes_while_a_day_is_packed_is_not_lost(tmp_path: Path):
    filled = Filled(tmp_path)
    with closing(database.reader(filled.file)) as reader:
        days = day_packing.to_pack(reader, MIDNIGHT + 2 * DAY)
        while not isinstance(first := next(days), PackedMinutes):
            assert filled.store.pack(first)
        filled.append(told(433, MIDNIGHT + 700))
        before = filled.readable()
        assert filled.store.pack(first) is False
        assert all(filled.store.pack(packed) for packed in days)
    assert filled.readable() == before


def test_what_is_not_acknowledged_or_has_no_date_stays_as_it_is(tmp_path: Path):
    found = Filled(tmp_path)
    found.append(seconds(440, MIDNIGHT + 9, [400], oldest=1))  # after a gap
    found.append(*(seconds(seq, 10 * seq, [500] * 10, boot=2) for seq in (1, 2, 3)))
    found.pack(MIDNIGHT + 9 * DAY)
    assert found.rows("SELECT boot, seq FROM record WHERE seq=440 OR boot=2") == [
        (1, 440), (2, 1), (2, 2), (2, 3),
    ]  # fmt: skip
    found.append(event(4, MIDNIGHT + 100, "clock", boot=2, boot_at=MIDNIGHT, source="hub"))
    found.pack(MIDNIGHT + 9 * DAY)
    assert found.rows("SELECT boot, first, last FROM past_records WHERE boot=2") == [(2, 1, 2)]
    assert Queries(found.file).columns(UNIT, MIDNIGHT + 10, 20)[0].tolist() == [500] * 20
    found.store.close()


def test_a_spoilt_packed_day_stops_no_report(filled: Filled):
    filled.pack(MIDNIGHT + 9 * DAY)
    with closing(database.plain(filled.file)) as connection:
        connection.execute("UPDATE past_records SET records=x'0155'")
        connection.execute("UPDATE past_minutes SET columns=x'0155'")
    filled.store.close()
    filled.store = Store(filled.file)
    # what the unit still has comes back
    assert [one.seq for one in filled.append(filled.messages[3]).fresh] == [3]
    assert filled.append(told(433, MIDNIGHT + 5000)).acks == [Ack(UNIT, 1, 433)]


def spoil_records(filled: Filled, day: int) -> list[str]:
    """What is said of the store then."""
    with closing(database.plain(filled.file)) as connection:
        for id, blob in connection.execute(
            "SELECT id, records FROM past_records WHERE day=?", (day,)
        ).fetchall():
            other = blob[:40] + bytes([blob[40] ^ 0x55]) + blob[41:]
            connection.execute("UPDATE past_records SET records=? WHERE id=?", (other, id))
        return [one for one in soundness.problems(connection) if one]


def test_records_that_are_spoilt_are_named_with_their_day_and_no_other_is_harmed(filled: Filled):
    filled.pack(MIDNIGHT + 9 * DAY)
    queries = Queries(filled.file)
    before = [queries.columns(UNIT, MIDNIGHT + n * DAY, DAY) for n in range(3)]
    ((first, last),) = filled.rows("SELECT first, last FROM past_records WHERE day=20781")
    assert [one.split(":")[0] for one in spoil_records(filled, 20781)] == [
        f"records {first} to {last} of boot 1 of {UNIT}",
        f"day 20781 of {UNIT}",
    ]
    with pytest.raises(UserError, match="damaged"):
        queries.columns(UNIT, MIDNIGHT + DAY, DAY)
    for n in (0, 2):
        assert (queries.columns(UNIT, MIDNIGHT + n * DAY, DAY) == before[n]).all()


def test_of_a_day_whose_records_are_spoilt_what_others_tell_stays(tmp_path: Path):
    filled = Filled(tmp_path)
    filled.pack(MIDNIGHT + 9 * DAY)
    queries = Queries(filled.file)
    before = queries.columns(UNIT, MIDNIGHT, 3 * DAY)
    ((first,),) = filled.rows("SELECT first FROM past_records WHERE day=20781")
    spoil_records(filled, 20781)
    filled.store.close()
    with closing(sqlite3.connect(filled.file, isolation_level=None)) as connection:
        mending.mend(connection)
        assert [one for one in soundness.problems(connection) if one] == []
        (hole, *_) = mending.note_what_is_missing(connection, 1.0)
    assert hole.first == first
    after = queries.columns(UNIT, MIDNIGHT, 3 * DAY)
    # a record that begins at the end of that day is the next day's
    gone = np.arange(3 * DAY)
    gone = (gone >= DAY) & (gone < 2 * DAY - 5)
    assert (after[:, ~gone] == before[:, ~gone]).all()
    assert (after[-1, gone] == minutes.NOT_RECEIVED).all()
