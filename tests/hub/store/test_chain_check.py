"""What was edited or deleted in the store afterwards is named; nothing else is."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from chained_unit import START, ChainedUnit

from noisetamer.hub.registry import ChainKey
from noisetamer.hub.store import (
    chain_check,
    day_packing,
    losses,
    minutes_check,
    past_days,
    soundness,
)
from noisetamer.hub.store.packed_day import (
    DAY,
    pack_columns,
    pack_records,
    unpack_records,
)
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Event, Seconds, read_report

UNIT, KEY, NEWER = "NT1-2611-0001", "k" * 43, "n" * 43
KEYS = {UNIT: (ChainKey(KEY, None), ChainKey(NEWER, None))}
# records of ten seconds
N = 400
LACKS = f"day {START // DAY} of {UNIT}: a packed day lacks records that say its levels"


def keys(unit: str) -> tuple[ChainKey, ...]:
    return KEYS.get(unit, ())


class Kept:
    """Two boots of a unit in a store, an event among each 50 records; packed, or not."""

    def __init__(self, folder: Path, packed: bool) -> None:
        self.file = folder / "hub.sqlite"
        self.box = ChainedUnit(UNIT, KEY)
        self.box.event("boot", reset="power")
        for n in range(N // 50):
            self.box.seconds(50, 500 + n)
            self.box.event("spotlight", on=bool(n % 2))
        self.box.rekey(NEWER)
        self.box.seconds(5)
        self.box.restart()
        self.box.event("boot", reset="power")
        self.box.seconds(20)
        store = Store(self.file, keys)
        told = [read_report(f"dev.{UNIT}.record", message) for message in self.box.messages()]
        store.append(START, [one for one in told if isinstance(one, Seconds | Event)])
        if packed:
            with closing(store.reader()) as reader:
                for one in day_packing.to_pack(reader, (START // DAY + 2) * DAY):
                    assert store.pack(one)
        store.close()

    def change(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.file)) as connection:
            assert connection.execute(statement, values).rowcount
            connection.commit()

    def problems(self) -> list[str]:
        with closing(sqlite3.connect(self.file, isolation_level=None)) as connection:
            return list(filter(None, chain_check.problems(connection, keys)))

    def minutes(self) -> list[str]:
        with closing(sqlite3.connect(self.file, isolation_level=None)) as connection:
            return list(filter(None, minutes_check.problems(connection)))

    def days(self) -> list[str]:
        """What is said of packed minutes."""
        with closing(sqlite3.connect(self.file, isolation_level=None)) as connection:
            return [one for one in soundness.problems(connection) if one.startswith("day ")]

    def repack(self, change: Callable[[list[Any]], list[Any]], cut: int = 0) -> None:
        """A packed day is made anew with other records, and a digest that fits them."""
        with closing(sqlite3.connect(self.file)) as connection:
            id, records, marks = connection.execute(
                "SELECT id, records, marks FROM past_records WHERE boot=1 ORDER BY id LIMIT 1"
            ).fetchone()
            before = unpack_records(records)
            kept = change(before)
            there = {one.seq for one in kept}
            marks = b"".join(
                marks[2 * n : 2 * n + 2] for n, one in enumerate(before) if one.seq in there
            )
            connection.execute(
                "UPDATE past_records SET records=?, digest=?, marks=? WHERE id=?",
                (pack_records(kept), past_days.digest_of(kept), marks[: len(marks) - cut], id),
            )
            connection.commit()


@pytest.fixture(params=["rows", "packed"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    return Kept(tmp_path, request.param == "packed")


def test_what_was_stored_is_whole(kept: Kept):
    assert (kept.problems(), kept.minutes()) == ([], [])


def test_an_event_that_was_edited_is_named(kept: Kept):
    event = kept.box.made[51]
    body = event.body.replace(b"false", b"true ")
    assert body != event.body
    kept.change("UPDATE record SET body=? WHERE boot=1 AND seq=?", body, event.seq)
    assert kept.problems() == ["record 52 of boot 1 of NT1-2611-0001: changed after being stored"]


def test_records_that_were_deleted_are_named(kept: Kept):
    kept.change("DELETE FROM record WHERE boot=1 AND seq=52")
    (said,) = kept.problems()
    assert said == "record 52 of boot 1 of NT1-2611-0001: deleted after being stored"


def test_the_last_records_of_a_boot_were_deleted(kept: Kept):
    kept.change("DELETE FROM record WHERE boot=1 AND seq>408")
    kept.change("UPDATE acked SET seq=408 WHERE boot=1")
    assert kept.problems() == ["what record 1 of boot 2 of NT1-2611-0001 follows is gone"]
    kept.change("DELETE FROM record WHERE boot=2 AND seq>20")
    assert kept.problems()[-1] == (
        "record 21 of boot 2 of NT1-2611-0001: deleted after being stored"
    )


def test_packed_records_that_were_edited_or_deleted_are_named(tmp_path: Path):
    kept = Kept(tmp_path, packed=True)
    kept.repack(lambda found: [one for one in found if one.seq not in (10, 11)])
    assert kept.problems() == [
        "records 10 to 11 of boot 1 of NT1-2611-0001: deleted after being stored"
    ]
    assert kept.days() == [LACKS]
    # with less of their marks than there are records nothing can be said more closely
    kept.repack(lambda found: found, cut=2)
    assert kept.problems() == [
        "records 2 to 52 of boot 1 of NT1-2611-0001: changed or deleted after being stored"
    ]


def test_a_packed_record_that_was_edited_is_named(tmp_path: Path):
    kept = Kept(tmp_path, packed=True)
    other = kept.box.made[60].body[13:]

    def change(found: list[Any]) -> list[Any]:
        return [
            one._replace(body=one.body[:13] + other) if one.seq == 200 else one for one in found
        ]

    kept.repack(change)
    assert kept.problems() == ["record 200 of boot 1 of NT1-2611-0001: changed after being stored"]
    assert kept.days() == [LACKS]


def test_an_edited_minute_is_named(kept: Kept):
    number = START // 60 + 3
    with closing(sqlite3.connect(kept.file)) as connection:
        rows = connection.execute("SELECT count(*) FROM minute").fetchone()[0]
    if rows:
        kept.change("UPDATE minute SET LAeq=zeroblob(120) WHERE minute=?", number)
    else:
        with closing(sqlite3.connect(kept.file)) as connection:
            ((day, columns),) = past_days.days(connection, UNIT, 0, START)
            at = START + 180 - day * DAY
            columns[0, at : at + 60] = 0
            connection.execute("UPDATE past_minutes SET columns=?", (pack_columns(columns),))
            connection.commit()
    assert kept.problems() == []
    assert kept.minutes() == [
        "seconds of NT1-2611-0001 from 2026-11-23 11:03:00 UTC to 2026-11-23 11:03:59 UTC "
        "are not what their records say"
    ]


def test_a_store_that_was_hurt_may_have_minutes_of_records_that_are_gone(tmp_path: Path):
    kept = Kept(tmp_path, packed=False)
    kept.change("DELETE FROM record WHERE boot=1 AND seq BETWEEN 20 AND 25")
    assert kept.minutes() == [
        "seconds of NT1-2611-0001 from 2026-11-23 11:03:00 UTC to 2026-11-23 11:03:59 UTC "
        "are of no record"
    ]
    with closing(sqlite3.connect(kept.file)) as connection:
        losses.note_wound(connection, 1.0, "spoilt")
        connection.commit()
    assert kept.minutes() == []


def test_without_keys_nothing_is_said(kept: Kept):
    with closing(sqlite3.connect(kept.file, isolation_level=None)) as connection:
        assert list(filter(None, chain_check.problems(connection, lambda unit: ()))) == []
