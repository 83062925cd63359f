"""Each record is in one leaf, once, however late it came and whatever was killed meanwhile."""

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from logged_store import KEY, UNIT, LoggedStore, told
from scripted_unit import START, event

from noisetamer.base import database
from noisetamer.hub.log import batches
from noisetamer.hub.log.log import Log
from noisetamer.hub.store import day_files, day_packing
from noisetamer.hub.store.packed_day import DAY
from noisetamer.proof.leaf import records_digest


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[LoggedStore]:
    found = LoggedStore(tmp_path)
    yield found
    found.close()


def test_a_batch_says_whose_records_which_and_by_which_digest(kept: LoggedStore):
    kept.tell(*told(1, 2, 3))
    kept.tell(event(4, START + 41, "spotlight", on=True), received=START + 50.2)
    kept.take()
    (batch,) = kept.leaves()
    assert batch.pop("salt")
    assert batch == {
        "kind": "batch",
        "at": START + 5000,
        "unit": UNIT,
        "boot": 1,
        "first": 1,
        "last": 4,
        "count": 4,
        "records": records_digest(kept.bodies()),
        "link": None,
        "chain": "none",
        "received": [START + 10, START + 50],
    }
    with closing(kept.store.reader()) as connection:
        assert batches.recomputed(connection, batch, ()) == (batch["records"], 4)


def test_only_what_is_acknowledged_is_taken_and_nothing_twice(kept: LoggedStore):
    kept.tell(*told(1, 2, 5))
    kept.take()
    kept.take()
    assert kept.spans() == [(1, 2, 2)]
    kept.tell(*told(3, 4))
    kept.take()
    assert kept.spans() == [(1, 2, 2), (3, 5, 3)]
    kept.tell(*told(3))
    kept.take()
    assert len(kept.leaves()) == 2


def test_what_is_gone_for_ever_makes_a_shorter_batch_or_none(kept: LoggedStore):
    kept.tell(*told(1, 2))
    kept.take()
    kept.tell(*told(40, oldest=40))
    kept.take()
    assert kept.spans() == [(1, 2, 2), (40, 40, 1)]


def test_a_record_that_comes_when_it_was_given_up_is_a_leaf_of_its_own(kept: LoggedStore):
    kept.tell(*told(1, oldest=1), *told(4, oldest=4))
    kept.take()
    assert kept.spans() == [(1, 4, 2)]
    kept.tell(*told(2))
    kept.take()
    assert kept.spans() == [(1, 4, 2), (2, 2, 1)]
    assert [one.get("late") for one in kept.leaves()] == [None, True]
    with closing(kept.store.reader()) as connection:
        for batch in kept.leaves():
            found = batches.recomputed(connection, batch, {2})
            assert found == (batch["records"], batch["count"])
    # one that comes late, but is in no leaf yet, comes with the others
    kept.tell(*told(9, oldest=9), *told(7))
    kept.take()
    assert kept.spans()[2:] == [(7, 9, 2)]


def test_a_long_absence_is_told_in_leaves_of_4096(kept: LoggedStore):
    kept.tell(*told(*range(1, 5001)))
    kept.take()
    assert kept.spans() == [(1, 4096, 4096), (4097, 5000, 904)]


def test_a_hub_with_much_to_tell_its_log_tells_it_step_by_step_and_can_end_between(
    kept: LoggedStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(batches, "MOST_RECORDS", 10)
    monkeypatch.setattr(batches, "_RECORDS", 20)
    kept.tell(*told(*range(1, 31)))
    kept.tell(*told(*range(1, 31)), unit="SIM-0002")
    left, steps = {(UNIT, 1), ("SIM-0002", 1)}, []
    while left:
        left = batches.take(kept.log, kept.store.file, sorted(left))
        steps.append(len(kept.leaves()))
    assert sorted(set(steps)) == [2, 4, 6]
    assert Counter(kept.spans()) == dict.fromkeys([(1, 10, 10), (11, 20, 10), (21, 30, 10)], 2)


def test_boots_and_units_are_apart_and_one_can_be_asked_for(kept: LoggedStore):
    kept.tell(*told(1, 2))
    kept.tell(*told(1, boot=2))
    kept.tell(*told(1, 2, 3), unit="SIM-0002")
    batches.flush(kept.log, kept.store.file, ["SIM-0002"])
    assert [one["unit"] for one in kept.leaves()] == ["SIM-0002"]
    kept.take()
    assert sorted((one["unit"], one["boot"], one["last"]) for one in kept.leaves()) == [
        ("SIM-0001", 1, 2),
        ("SIM-0001", 2, 1),
        ("SIM-0002", 1, 3),
    ]


def test_records_that_are_packed_already_are_taken_too(kept: LoggedStore):
    kept.tell(*told(*range(1, 21)))
    with closing(sqlite3.connect(kept.store.file, isolation_level=None)) as reader:
        for packed in day_packing.to_pack(reader, (START // DAY + 2) * DAY):
            kept.store.pack(packed)
    bodies = kept.bodies()
    kept.take()
    (batch,) = kept.leaves()
    assert (batch["count"], batch["records"]) == (20, records_digest(bodies))


def test_a_day_that_is_let_go_is_a_leaf_that_says_where_it_is_kept(
    kept: LoggedStore, tmp_path: Path
):
    day = START // DAY
    kept.tell(*told(*range(1, 21)))
    kept.take()
    with closing(sqlite3.connect(kept.store.file, isolation_level=None)) as reader:
        for packed in day_packing.to_pack(reader, (day + 2) * DAY):
            kept.store.pack(packed)
    exported = day_files.write(kept.store.file, tmp_path / "kept.sqlite", day, [UNIT])
    assert kept.store.delete(exported, START + 9000) == [UNIT]
    kept.take()
    kept.take()
    (leaf,) = kept.log.find("deletion")
    assert leaf.fields["unit"] == UNIT
    assert (leaf.fields["day"], leaf.fields["deleted"]) == (day, START + 9000)
    assert leaf.fields["kept"]["sha256"] == exported.sha256
    assert str(tmp_path) not in leaf.content.decode()


def test_each_record_is_in_one_leaf_over_kills_late_ones_and_two_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Seeded: records that come in any order, some late; the log is killed within transactions,
    and somebody else (evidence) takes the same beside it."""
    chance = random.Random(20)
    kept = LoggedStore(tmp_path)
    appended = kept.log.append

    def killed(contents: Any, alongside: Any = None) -> list[int]:
        contents = list(contents)
        match chance.randrange(4):
            case 0:
                raise KeyboardInterrupt
            case 1:

                def cut(connection: database.Connection) -> None:
                    alongside(connection)
                    raise KeyboardInterrupt

                return appended(contents, cut)
            case 2:  # another process is faster
                with closing(Log(tmp_path / "log", tmp_path / "log.sqlite", KEY)) as other:
                    batches.flush(other, kept.store.file, [UNIT])
        return appended(contents, alongside)

    monkeypatch.setattr(kept.log, "append", killed)
    waiting = told(*range(1, 200))
    late: list[bytes] = []
    while waiting or late:
        now = [waiting.pop(0) for _ in range(min(len(waiting), chance.randrange(9)))]
        if now and chance.random() < 0.5:
            late.append(now.pop(chance.randrange(len(now))))
            last = waiting[:1]
            if last:  # the box says it has given that one up
                waiting[0] = last[0][:1] + seconds_oldest(last[0])
        if late and (chance.random() < 0.3 or not waiting):
            now.append(late.pop(0))
        kept.tell(*now)
        try:
            kept.take()
        except KeyboardInterrupt:
            continue
    monkeypatch.undo()
    kept.take()
    held = Counter[int]()
    single = {one["first"] for one in kept.leaves(late=True)}
    assert single
    with closing(kept.store.reader()) as connection:
        for one in kept.leaves():
            assert batches.recomputed(connection, one, single) == (one["records"], one["count"])
            numbers = range(one["first"], one["last"] + 1)
            held.update(n for n in numbers if one.get("late") or n not in single)
    assert held == Counter(range(1, 200))
    assert sum(one["count"] for one in kept.leaves()) == 199
    kept.close()


def seconds_oldest(message: bytes) -> bytes:
    """The envelope's oldest sequence becomes the record's own: all before it are gone."""
    from tamer.record import encoding

    head = encoding.head(message[encoding.ENVELOPE_BYTES :])
    return head.sequence.to_bytes(4, "little") + message[encoding.ENVELOPE_BYTES :]
