import random
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from scripted_unit import START, event, seconds, stage

from noisetamer.base import database
from noisetamer.hub import wire, wire_checks
from noisetamer.hub.store import refusals
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.store.refusals import CONFLICT, UNNAMED_KEPT, Refusal
from noisetamer.hub.store.writer import Ack, Store, Stored, StoreError
from noisetamer.hub.wire import Event, RefusedError, Seconds, Status, name_of, read_report
from tamer.record import encoding
from tamer.record.reading import RAIN, REASONS


@pytest.fixture
def store(folder: Path) -> Store:
    return Store(folder / "hub.sqlite")


def report(message: bytes) -> Seconds | Event:
    found = read_report("dev.SIM-0001.record", message)
    assert isinstance(found, Seconds | Event)
    return found


def record(seq: int, **fields: Any) -> Seconds | Event:
    return report(seconds(seq, START + 10 * seq, [500 + seq] * 10, **fields))


def rows(store: Store, query: str) -> list[Any]:
    with closing(database.reader(store.file)) as connection:
        return connection.execute(query).fetchall()


def contents(store: Store) -> list[Any]:
    tables = ("minute", "event", "acked")
    return [rows(store, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


def test_it_is_its_owners_only_also_in_a_folder_that_everybody_reads(tmp_path: Path):
    store = Store(tmp_path / "hub.sqlite")
    store.append(1.0, [record(1)])
    files = list(store.file.parent.glob("hub.sqlite*"))
    assert len(files) == 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


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


def test_a_full_database_stores_nothing_says_so_and_goes_on_later(tmp_path: Path):
    store = Store(tmp_path / "hub.sqlite")
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
    assert rows(store, "SELECT count(*) FROM refused") == [(UNNAMED_KEPT,)]


def refused(message: bytes) -> Refusal:
    """As the hub sets aside what it cannot read."""
    with pytest.raises(RefusedError) as error:
        read_report("dev.SIM-0001.record", message)
    name = name_of("dev.SIM-0001.record", message)
    return Refusal("dev.SIM-0001.record", str(error.value), message, name)


def unreadable(seq: int, reason: int = 15) -> Refusal:
    return refused(seconds(seq, START + 10 * seq, [500] * 10, flags=reason))


def test_a_refused_record_is_kept_once_and_the_mark_passes_over_it(store: Store):
    first = store.append(0, [record(1), unreadable(2), record(3)])
    assert first.acks == [Ack("SIM-0001", 1, 3)]
    assert [one.name and one.name.seq for one in first.told] == [2]
    again = store.append(0, [unreadable(2)])
    assert (again.refused, again.acks[-1]) == ([], Ack("SIM-0001", 1, 3))
    assert again.told == first.told
    assert rows(store, "SELECT unit, boot, seq, reason, body FROM refused") == [
        ("SIM-0001", 1, 2, "flags has 15: no such reason", first.told[0].body)
    ]


def test_a_record_that_overtakes_a_refused_one_waits_for_it(store: Store):
    assert store.append(0, [record(1), record(3)]).acks == [Ack("SIM-0001", 1, 1)]
    assert store.append(0, [unreadable(2)]).acks == [Ack("SIM-0001", 1, 3)]


def test_refused_records_are_not_acknowledged_once_there_is_no_room_for_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(refusals, "MOST_BYTES", 400)
    assert store.append(0, [unreadable(1), unreadable(2)]).acks == [Ack("SIM-0001", 1, 2)]
    full = store.append(0, [unreadable(3), unreadable(4), unreadable(5)])
    assert full.acks == [Ack("SIM-0001", 1, 3)]
    assert [one.name and one.name.seq for one in full.turned_away] == [4, 5]
    # a unit's room is its own
    other = Refusal("dev.NT-1.record", "", unreadable(1).body, unreadable(1).name)
    assert store.append(0, [other]).acks == [Ack("NT-1", 1, 1)]


def test_what_a_later_hub_can_read_is_stored_as_if_it_had_come_then(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as before_rain:
        before_rain.setattr(wire_checks, "REASONS", REASONS[:RAIN])
        old = [unreadable(seq, reason=RAIN) for seq in (2, 3)]
        store.append(7.5, [record(1), *old, unreadable(4), record(5)])
        assert store.read_again(0)[1] == Stored()
    last, found = store.read_again(0)
    assert [one.seq for one in found.fresh if isinstance(one, Seconds)] == [2, 3]
    assert store.read_again(last) == (0, Stored())
    assert rows(store, "SELECT seq, received FROM record WHERE seq IN (2, 3)") == [
        (2, 7.5),
        (3, 7.5),
    ]
    assert rows(store, "SELECT seq FROM refused") == [(4,)]  # 15 is still unknown
    assert rows(store, "SELECT seq FROM acked") == [(5,)]
    curve = Queries(store.file).last_hour("SIM-0001")
    assert curve is not None and len(curve.LAeq) == 50
    # sent once more by a unit that has not heard the acknowledgement: known, no conflict
    again = report(seconds(2, START + 20, [500] * 10, flags=RAIN))
    assert store.append(9.0, [again]).refused == []


def test_a_known_name_with_another_body_is_kept_beside_and_acknowledged_only_as_that(
    store: Store,
):
    store.append(0, [record(seq) for seq in range(1, 9)])
    second_life = [report(seconds(seq, START + 86400 + seq, [850])) for seq in (1, 2)]
    found = store.append(0, second_life)
    assert found.fresh == []
    assert [one.reason for one in found.refused] == [CONFLICT] * 2
    assert found.acks == [Ack("SIM-0001", 1, 2)]  # of what this life has sent, not 8
    assert store.append(0, second_life).acks == [Ack("SIM-0001", 1, 2)]
    assert rows(store, "SELECT boot, seq, conflict FROM refused") == [(1, 1, 1), (1, 2, 1)]
    bodies = [encoding.opened(body).record for (body,) in rows(store, "SELECT body FROM refused")]
    assert bodies == [one.body for one in second_life]
    assert rows(store, "SELECT count(*) FROM record") == [(8,)]
    # where its numbers go beyond the first life's, they are stored as any other's
    beyond = [report(seconds(seq, START + 86400 + seq, [850])) for seq in range(3, 12)]
    assert store.append(0, beyond).acks == [Ack("SIM-0001", 1, 11)]
    assert rows(store, "SELECT count(*) FROM record") == [(11,)]


def test_an_unreadable_record_of_a_known_name_is_acknowledged_only_as_that(store: Store):
    store.append(0, [record(seq) for seq in range(1, 9)])
    assert store.append(0, [unreadable(1)]).acks == [Ack("SIM-0001", 1, 1)]


def test_a_second_life_is_acknowledged_only_what_came_of_it_without_a_gap(store: Store):
    store.append(0, [record(seq) for seq in range(1, 9)])

    def later(seq: int, previous: int) -> Seconds | Event:
        body = report(seconds(seq, START + 86400 + seq, [850])).body
        return report(encoding.enveloped(previous, body))

    assert store.append(0, [later(1, 0), later(2, 1)]).acks == [Ack("SIM-0001", 1, 2)]
    assert store.append(0, [later(4, 3), later(5, 4)]).acks == []  # 3 got lost on the way
    again = [later(3, 0), later(4, 3), later(9, 4), record(1, boot=2)]
    assert store.append(0, again).acks == [Ack("SIM-0001", 1, 9), Ack("SIM-0001", 2, 1)]
    store.close()
    restarted = Store(store.file)
    assert restarted.append(0, [later(10, 9)]).acks == []  # what it has heard before is forgotten
    assert restarted.append(0, [later(10, 0)]).acks == [Ack("SIM-0001", 1, 10)]


def test_a_conflict_without_room_is_not_acknowledged(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    store.append(0, [record(seq) for seq in range(1, 9)])
    monkeypatch.setattr(refusals, "MOST_BYTES", 0)
    found = store.append(0, [report(seconds(1, START + 86400, [850]))])
    assert (found.acks, len(found.turned_away)) == ([], 1)


def enveloped(seq: int, previous: int) -> Seconds | Event:
    """In an envelope of version 3."""
    return report(encoding.enveloped(previous, record(seq).body))


def test_what_is_gone_for_ever_in_the_midst_of_a_boot_is_not_waited_for(store: Store):
    assert store.append(0, [enveloped(1, 0), enveloped(6, 1)]).acks == [Ack("SIM-0001", 1, 6)]
    assert store.append(0, [enveloped(7, 6)]).acks == [Ack("SIM-0001", 1, 7)]


def test_a_hole_that_is_told_before_the_mark_is_there_is_remembered(store: Store):
    assert store.append(0, [enveloped(9, 4), enveloped(10, 9)]).acks == []
    assert store.append(0, [enveloped(2, 1), enveloped(1, 0)]).acks == [Ack("SIM-0001", 1, 2)]
    assert store.append(0, [enveloped(4, 3), enveloped(3, 2)]).acks == [Ack("SIM-0001", 1, 10)]
    assert rows(store, "SELECT * FROM gone") == []


def test_a_resent_record_after_what_was_given_up_meanwhile_moves_the_mark(store: Store):
    assert store.append(0, [enveloped(8, 7), enveloped(9, 8)]).acks == []
    assert store.append(0, [enveloped(9, 0)]).acks == [Ack("SIM-0001", 1, 9)]


def test_any_order_of_records_with_holes_ends_at_the_same_mark(tmp_path: Path):
    held = [1, 2, 5, 6, 7, 11, 30, 31]
    records = [enveloped(seq, before) for before, seq in zip([0, *held], held)]  # noqa: B905
    for seed in range(6):
        shuffled = records * 2
        random.Random(seed).shuffle(shuffled)
        store = Store(tmp_path / f"{seed}.sqlite")
        for one in shuffled:
            acks = [ack.seq for ack in store.append(0, [one]).acks]
            assert set(acks) <= set(held)
        assert rows(store, "SELECT seq FROM acked") == [(31,)]
        store.close()


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


def test_a_reason_that_only_a_newer_hub_knew_spoils_no_hour(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    store.append(0, [report(seconds(1, START, [500, 510], flags=RAIN))])
    monkeypatch.setattr(wire, "REASONS", REASONS[:RAIN])
    curve = Queries(store.file).last_hour("SIM-0001")
    assert curve is not None and curve.invalid == [(START, START + 2, "unknown")]


def test_the_last_hour_ends_at_the_units_newest_record_however_late_others_arrive(store: Store):
    store.append(0, [record(1, boot=2)])
    late = report(seconds(1, START - 7000, [400] * 10, boot=1))
    store.append(0, [late])
    curve = Queries(store.file).last_hour("SIM-0001")
    assert curve is not None
    assert curve.t0 + len(curve.LAeq) == START + 20
    assert curve.LAeq[-10:] == [501] * 10


def status(online: bool, **fields: Any) -> Status:
    return Status("SIM-0001", online, {"v": 1, "online": online, **fields}, b"")


def test_the_boot_a_unit_says_it_is_in_is_its_newest_whatever_its_number(store: Store):
    """After its memory was lost, and after it was flashed since, it counts on from elsewhere."""
    lost, since = 2**31 + 900, 1795430000
    store.append(0, [record(1, boot=lost), report(event(2, START, "boot", boot=lost, reset="a"))])
    told = report(event(1, START + 60, "boot", boot=since, reset="b"))
    seen = report(seconds(2, START + 60, [777], boot=since))
    store.append(0, [status(True, b=since), told, seen, status(False)])
    queries = Queries(store.file)
    assert queries.present_boot("SIM-0001") == since
    assert queries.latest("SIM-0001") == ((since, 2), START + 60)
    assert [e.boot for e in queries.events("SIM-0001", 9)] == [lost, since]
    assert [e.boot for e in queries.events("SIM-0001", 1)] == [since]
    curve = queries.last_hour("SIM-0001")
    assert curve is not None and curve.LAeq[-1] == 777


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
