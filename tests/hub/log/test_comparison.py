"""Whoever edits or deletes what the hub keeps is found out, by name; and nobody else."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from logged_store import KEY, UNIT, LoggedStore, told
from scripted_unit import START, seconds

from noisetamer.hub.log import batches, doings
from noisetamer.hub.log.beginning import note_restored
from noisetamer.hub.log.comparison import _tree, compare
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.tree import CHECKPOINT
from noisetamer.hub.maintenance import backup
from noisetamer.hub.people.people import People
from noisetamer.hub.store import day_files, day_packing
from noisetamer.hub.store.packed_day import DAY
from noisetamer.proof.checkpoint import checkpoint_in
from noisetamer.proof.merkle import verify_consistency


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[LoggedStore]:
    found = LoggedStore(tmp_path)
    found.tell(*told(*range(1, 31)))
    found.take()
    with closing(People(tmp_path / "people.sqlite", lambda: float(START))) as people:
        for name in ("wang", "li", "chen"):
            people.audit(float(START), name, "picture_seen", "7")
    doings.audit(found.log, tmp_path)
    found.log.checkpoint()
    found.tell(*told(*range(31, 61)))
    found.take()
    found.log.append([{"kind": "look", "by": str(n)} for n in range(300)])
    found.log.checkpoint()
    yield found
    found.close()


def ill(folder: Path) -> list[str]:
    return [said.text for said in compare(folder) if said.ill]


def edit(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def pack(kept: LoggedStore) -> None:
    with closing(sqlite3.connect(kept.store.file, isolation_level=None)) as reader:
        for packed in day_packing.to_pack(reader, (START // DAY + 2) * DAY):
            kept.store.pack(packed)


def test_a_hub_that_nobody_touched_is_whole_packed_or_not(kept: LoggedStore, tmp_path: Path):
    whole = "305 leaves: tree, contents and records are those that were signed"
    assert [said.text for said in compare(tmp_path)] == [whole]
    pack(kept)
    assert [said.text for said in compare(tmp_path)] == [whole]
    kept.tell(*told(61))
    kept.take()
    assert next(said.text for said in compare(tmp_path)) == "1 leaves are in no checkpoint yet"
    kept.tell(*told(80, oldest=80))
    kept.take()
    kept.tell(*told(70))
    assert ill(tmp_path) == [], "a late record that is in no leaf yet is no sin"
    kept.take()
    assert ill(tmp_path) == []


def test_an_edited_record_is_named_by_unit_boot_sequences_and_times(
    kept: LoggedStore, tmp_path: Path
):
    other = seconds(12, START + 120, [400] * 10)[5:]
    edit(kept.store.file, f"UPDATE record SET body=x'{other.hex()}' WHERE seq=12")
    (said,) = ill(tmp_path)
    since, until = (
        f"{datetime.fromtimestamp(t, UTC):%H:%M:%S}" for t in (START + 19, START + 309)
    )
    assert said.startswith(f"{UNIT}, boot 1, records 1 to 30, 2026-11-23 {since} UTC to ")
    assert said.endswith(f"{until} UTC: at least one was changed")


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM record WHERE seq IN (40, 41)", "records 31 to 60, .*: 2 were deleted"),
        ("DELETE FROM record WHERE seq>30", "records 31 to 60, received .*: 30 were deleted"),
        (
            "UPDATE record SET boot=2 WHERE seq=5",
            "records 1 to 30, .*: 1 were deleted",
        ),
    ],
)
def test_deleted_records_are_counted(kept: LoggedStore, tmp_path: Path, statement: str, what: str):
    edit(kept.store.file, statement)
    assert any(re.search(what, said) for said in ill(tmp_path)), ill(tmp_path)


def test_an_index_that_was_edited_too_hides_nothing(kept: LoggedStore, tmp_path: Path):
    """Records deleted with the row by which their leaf is found, or given to another unit."""
    edit(kept.store.file, "DELETE FROM record WHERE seq<=30")
    edit(tmp_path / "log.sqlite", "DELETE FROM batch WHERE first=1")
    taken_out = (
        f"{UNIT}, boot 1, records {{}}: taken out of the index of the log, and not compared"
    )
    assert taken_out.format("1 to 30") in ill(tmp_path)
    edit(tmp_path / "log.sqlite", "UPDATE batch SET unit='SIM-0009'")
    assert taken_out.format("31 to 60") in ill(tmp_path)
    edit(tmp_path / "log.sqlite", "INSERT INTO batch VALUES('SIM-0001', 1, 99, 3, 61)")
    edit(tmp_path / "log.sqlite", "INSERT INTO batch VALUES('SIM-0001', 1, 98, 3, 61)")
    assert "1 rows of the index of the log are of no leaf" in ill(tmp_path)


@pytest.mark.parametrize("content", ["x", "7", "[]", "{}", '{"first":"a","last":[]}'])
def test_a_content_that_is_no_batch_any_more_is_named_and_no_crash(
    kept: LoggedStore, tmp_path: Path, content: str
):
    edit(tmp_path / "log.sqlite", f"UPDATE leaf SET content='{content}' WHERE n=0")
    (first, *_) = ill(tmp_path)
    assert first.startswith("the content of leaf 0 (batch, ")
    edit(tmp_path / "log.sqlite", f"UPDATE leaf SET content='{content}', kind='deletion'")
    assert len(ill(tmp_path)) > 1


def test_records_put_there_afterwards_are_named(kept: LoggedStore, tmp_path: Path):
    kept.tell(*told(80, oldest=80))
    kept.take()
    body = seconds(70, START + 700, [900] * 10)[5:]
    insert = (
        "INSERT INTO record(unit, boot, seq, t, received, body)"
        f" VALUES('{UNIT}', 1, 70, {START}, 0, x'{body.hex()}')"
    )
    edit(kept.store.file, insert)
    (said,) = ill(tmp_path)
    assert "records 70 to 70: in no leaf" in said or "1 more than were told" in said


def test_a_packed_day_that_was_emptied_is_named_unless_its_time_was_over(
    kept: LoggedStore, tmp_path: Path
):
    pack(kept)
    with closing(sqlite3.connect(kept.store.file)) as connection:
        blobs = connection.execute("SELECT id, records FROM past_records").fetchall()
    edit(kept.store.file, "UPDATE past_records SET records=x''")
    assert any("deleted (2026-11-23), and no leaf says so" in said for said in ill(tmp_path))
    with closing(sqlite3.connect(kept.store.file)) as connection, connection:
        connection.executemany("UPDATE past_records SET records=?2 WHERE id=?1", blobs)
    exported = day_files.write(kept.store.file, tmp_path / "out.sqlite", START // DAY, [UNIT])
    kept.store.delete(exported, START)
    batches.take(kept.log, kept.store.file, [])
    assert ill(tmp_path) == []


def test_leaves_and_contents_that_were_changed_or_deleted_are_named(
    kept: LoggedStore, tmp_path: Path
):
    file = tmp_path / "log.sqlite"
    content = kept.log.content(9)
    assert content
    edit(file, "UPDATE leaf SET content=CAST(content AS TEXT) || ' ' WHERE n=9")
    edit(file, "UPDATE leaf SET content=NULL WHERE n=10")
    edit(file, "UPDATE leaf SET at=at+1 WHERE n=300")
    said = "\n".join(ill(tmp_path))
    assert "the content of leaf 9 (look, 2026-11-23 12:23:20 UTC) was changed" in said
    assert "the content of leaf 10 (look, 2026-11-23 12:23:20 UTC) is gone, and no leaf" in said
    assert "leaf 300 (look, 2026-11-23 12:23:21 UTC) is another in its file" in said
    assert "one of these was changed, and none before 4" in said
    edit(file, "DELETE FROM leaf WHERE n=77")
    said = "\n".join(ill(tmp_path))
    assert "1 leaves that were signed are missing" in said


def test_a_content_that_the_log_itself_deleted_is_no_sin(kept: LoggedStore, tmp_path: Path):
    kept.log.forget([9, 10], "time")
    assert ill(tmp_path) == []


def test_files_that_were_changed_or_deleted_are_named(kept: LoggedStore, tmp_path: Path):
    files = tmp_path / "log" / "tile"
    (files / "0" / "001.p" / "49").write_bytes(bytes(49 * 32))
    bundle = bytearray((files / "entries" / "000").read_bytes())
    bundle[2 + len(b"noisetamer-leaf/v1\n")] ^= 1
    (files / "entries" / "000").write_bytes(bundle)
    (files / "1" / "000.p" / "1").unlink()
    note = (tmp_path / "log" / CHECKPOINT).read_text()
    (tmp_path / "log" / CHECKPOINT).write_text(note.replace("305", "304"))
    said = "\n".join(ill(tmp_path))
    assert "the file checkpoint is not the one that was signed last" in said
    assert "the file tile/0/001.p/49 is not that of the leaves" in said
    assert "the file tile/1/000.p/1 is missing" in said
    assert "leaf 0 (batch, 2026-11-23 12:23:20 UTC) is another in its file (no entry" in said
    before = (files / "0" / "001.p" / "49").read_bytes()
    assert before == bytes(49 * 32), "a look mends nothing"


def test_a_hub_that_runs_on_meanwhile_is_no_sinner(kept: LoggedStore, tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None)) as before:
        before.execute("BEGIN")
        before.execute("SELECT count(*) FROM leaf").fetchone()
        kept.log.append([{"kind": "look", "by": str(n)} for n in range(300)])
        kept.log.checkpoint()
        assert not (tmp_path / "log" / "tile" / "0" / "001.p" / "49").exists()
        assert [said for said in _tree(tmp_path, before) if said.ill] == []


def test_a_checkpoint_that_another_key_signed_is_named(kept: LoggedStore, tmp_path: Path):
    edit(tmp_path / "log.sqlite", "UPDATE checkpoint SET note=replace(note, 'hub/', 'hab/')")
    assert any("signed by none of the keys that are known" in said for said in ill(tmp_path))


def test_an_audit_log_made_anew_is_found_by_the_hash_in_the_log(kept: LoggedStore, tmp_path: Path):
    (tmp_path / "people.sqlite").unlink()
    with closing(People(tmp_path / "people.sqlite", lambda: float(START))) as people:
        people.audit(float(START), "nobody", "picture_seen", "7")
        assert people.log.verify() == "", "by itself it is whole"
    (first,) = ill(tmp_path)[:1]
    assert first.startswith("audit log: row 1 is not the one that was committed to")


def test_a_hub_without_a_log_is_told(tmp_path: Path):
    assert [said.text for said in compare(tmp_path)] == ["none yet: it begins with the next start"]


def test_a_restored_hub_goes_on_under_another_name_and_both_can_be_proved(
    kept: LoggedStore, tmp_path: Path
):
    old = checkpoint_in(kept.log.newest() or "")
    archive = backup.make(tmp_path, tmp_path.parent / f"{tmp_path.name}-backup")
    kept.log.append([{"kind": "look", "by": "lost"}])
    lost = kept.log.checkpoint()
    names = set()
    for number in range(2):
        again = tmp_path.parent / f"{tmp_path.name}-{number}"
        backup.restore(archive, again)
        clock = START + 6000 + number
        note_restored(again / "log.sqlite", clock)
        with closing(Log(again / "log", again / "log.sqlite", KEY, lambda at=clock: at)) as log:
            new = checkpoint_in(log.checkpoint())
            assert new.origin == f"{old.origin}/{clock}"
            assert (log.leaf(old.size).kind, new.size) == ("start", old.size + 1)
            (start,) = log.find("start", why="restored")
            assert checkpoint_in(start.fields["checkpoint"]) == old
            proof = log.consistency(old.size, new.size)
            verify_consistency(old.size, new.size, proof, old.root, new.root)
            assert ill(again) == []
            names.add(new.origin)
    assert len(names) == 2
    assert checkpoint_in(lost).origin not in names


def test_what_a_backup_says_of_the_store_the_store_has(kept: LoggedStore, tmp_path: Path):
    """The log is copied first: what it has, all others have."""
    names = [path.name for path in backup.databases(tmp_path)]
    assert names[0] == "log.sqlite"
    assert not any(name for name in names if "tile" in name)
