"""What the log says once it cannot unsay unseen; what a checkpoint names is there."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymerkle import InmemoryTree

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.log.log import Log
from noisetamer.hub.log.tree import CHECKPOINT
from noisetamer.hub.maintenance.repair import repair
from noisetamer.proof import notes, tlog_proof
from noisetamer.proof.checkpoint import checkpoint_in
from noisetamer.proof.leaf import leaf_of
from noisetamer.proof.merkle import ProofError, leaf_hash, verify_consistency, verify_inclusion
from noisetamer.proof.notes import COSIGNATURE, VerifierKey
from noisetamer.proof.signer import KeySigner
from noisetamer.proof.tiles import entries_in, tiles_of

NOW = 1_800_000_000


def signer(seed: int = 1, name: str = "hub.example/noisetamer/01234567") -> KeySigner:
    return KeySigner(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32), name)


def open_log(folder: Path, key: KeySigner | None = None) -> Log:
    return Log(folder / "log", folder / "log.sqlite", key or signer(), lambda: NOW)


def looks(count: int, first: int = 0) -> list[dict[str, object]]:
    return [{"kind": "look", "by": f"officer {first + i}"} for i in range(count)]


@pytest.fixture
def log(tmp_path: Path):
    with closing(open_log(tmp_path)) as log:
        yield log


def edit(folder: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "log.sqlite")) as connection, connection:
        connection.execute(statement, values)


def test_leaves_have_indexes_contents_and_proofs(log: Log):
    assert log.append(looks(3)) == [0, 1, 2]
    assert log.append([{"kind": "order", "unit": "SIM-0001", "n": 7, "at": NOW - 5}]) == [3]
    note = log.checkpoint()
    checkpoint = checkpoint_in(note)
    assert (checkpoint.origin, checkpoint.size) == (log.origin, 4)
    assert notes.verify(notes.parse(note), [log.key]) == [(log.key, None)]
    for index in range(4):
        content = log.content(index)
        assert content
        leaf = leaf_of(content)
        assert leaf == log.leaf(index)
        assert leaf.at == (NOW - 5 if index == 3 else NOW)
        verify_inclusion(leaf_hash(leaf.entry), index, 4, log.proof(index, 4), checkpoint.root)
        proof = tlog_proof.parse(str(log.tlog_proof(index, note)))
        assert tlog_proof.verify(proof, leaf.entry, [log.key])[0] == checkpoint
    with pytest.raises(LookupError):
        log.content(4)


def test_the_same_content_is_another_leaf_each_time(log: Log):
    first, second = log.append([{"kind": "look", "by": "a"}] * 2)
    assert log.leaf(first).digest != log.leaf(second).digest


def test_files_are_those_of_tlog_tiles_and_pymerkle_finds_the_same_root(tmp_path: Path, log: Log):
    sizes, size = [], 0
    for more in (1, 254, 1, 1, 255, 300):
        log.append(looks(more))
        size += more
        sizes.append((size, checkpoint_in(log.checkpoint()).root))
        for tile in tiles_of(size):
            assert (tmp_path / "log" / tile.path).is_file(), (size, tile)
    other = InmemoryTree(algorithm="sha256")
    for tile in tiles_of(size):
        if tile.level is None:
            for entry in entries_in((tmp_path / "log" / tile.path).read_bytes()):
                other.append_entry(entry)
    for size, root in sizes:
        assert other.get_root(size) == root
        index = size - 1
        verify_inclusion(
            leaf_hash(log.leaf(index).entry), index, size, log.proof(index, size), root
        )
    for (old, old_root), (new, new_root) in pairwise(sizes):
        verify_consistency(old, new, log.consistency(old, new), old_root, new_root)
    assert not (tmp_path / "log" / "tile" / "0" / "000.p").exists(), "partial tiles go"


def test_a_checkpoint_is_new_where_something_was_added_only(tmp_path: Path, log: Log):
    empty = log.checkpoint()
    assert checkpoint_in(empty).size == 0
    assert log.checkpoint() == empty == (tmp_path / "log" / CHECKPOINT).read_text()
    log.append(looks(1))
    assert log.newest() == empty
    assert log.checkpoint() != empty


def test_cosignatures_are_kept_with_the_checkpoint_they_are_of(tmp_path: Path, log: Log):
    log.append(looks(1))
    text = notes.parse(log.checkpoint()).text
    witness = signer(2, "station.example/witness")
    key = VerifierKey(witness.name, witness.public, COSIGNATURE)
    assert log.cosign(text, [notes.cosign(text, witness, NOW)])
    assert log.cosign(text, [notes.cosign(text, witness, NOW + 60)]), "the later one stands"
    cosigned = (tmp_path / "log" / CHECKPOINT).read_text()
    assert cosigned == log.newest() == log.checkpoint() == log.checkpoint_at(1)
    assert notes.verify(notes.parse(cosigned), [key, log.key])[1] == (key, NOW + 60)
    log.append(looks(1))
    newer = log.checkpoint()
    assert log.cosign(text, [notes.cosign(text, witness, NOW + 90)]), "of one before the newest"
    assert log.newest() == newer == (tmp_path / "log" / CHECKPOINT).read_text()
    assert notes.verify(notes.parse(log.checkpoint_at(1) or ""), [key])[0].time == NOW + 90
    assert not log.cosign(text.replace("\n1\n", "\n2\n"), [notes.cosign(text, witness, NOW)])


def test_leaves_are_found_by_what_they_say(log: Log):
    batch = {"kind": "batch", "unit": "SIM-0001", "boot": 3, "count": 60}
    log.append(
        [
            {"kind": "incident", "incident": 7, "what": "opened"},
            {**batch, "first": 1, "last": 60},
            {**batch, "first": 61, "last": 120},
            {**batch, "unit": "SIM-0002", "first": 1, "last": 60},
            {"kind": "incident", "incident": 8, "what": "opened"},
            {"kind": "order", "unit": "SIM-0001", "n": 5},
        ]
    )
    assert [one.index for one in log.find("incident")] == [0, 4]
    assert [one.index for one in log.find("incident", incident=7)] == [0]
    assert [one.index for one in log.find("batch", unit="SIM-0001")] == [1, 2]
    assert [one.index for one in log.find("order", unit="SIM-0001", n=5)] == [5]
    assert log.find("order", unit="SIM-0001", n=6) == []
    assert [one.fields["first"] for one in log.batches("SIM-0001", 3, 60, 61)] == [1, 61]
    assert [one.index for one in log.batches("SIM-0001", 3, 121, 200)] == []
    assert log.latest(2) == [5, 4]
    assert log.latest(9, ["batch"], before=3) == [2, 1]


def test_nothing_is_looked_for_among_all_batches(log: Log):
    log.append(looks(1))
    asked: list[str] = []
    connection = log._open
    assert isinstance(connection, sqlite3.Connection)
    connection.set_trace_callback(asked.append)
    log.find("incident", incident=7)
    log.find("start")
    log.find("batch", unit="SIM-0001")
    log.batches("SIM-0001", 1, 5, 9)
    log.latest(50, ["key"])
    connection.set_trace_callback(None)
    plans = [
        step[3]
        for statement in asked
        if " FROM leaf " in statement and "max(n)" not in statement
        for step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN")], plans


def test_a_deleted_content_leaves_its_hash_and_a_leaf_that_says_so(log: Log):
    log.append(looks(3))
    root = checkpoint_in(log.checkpoint()).root
    assert log.forget([1, 1, 2, 99], "time") == [1, 2]
    assert log.content(1) is None
    assert log.forget([1], "time") == []
    (told,) = log.find("deletion")
    assert (told.fields["indexes"], told.fields["why"]) == ([1, 2], "time")
    assert [one.index for one in log.find("look")] == [0]
    verify_inclusion(leaf_hash(log.leaf(1).entry), 1, 3, log.proof(1, 3), root)
    verify_consistency(3, 4, log.consistency(3, 4) if log.checkpoint() else [], root, _root(log))


def _root(log: Log) -> bytes:
    return checkpoint_in(log.newest() or "").root


def test_watermarks_move_with_their_leaves_or_not_at_all(log: Log):
    def broken(connection: database.Connection) -> None:
        connection.execute("INSERT INTO watermark VALUES('orders', 9)")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        log.append(looks(2), broken)
    assert (log.size, log.watermark("orders")) == (0, 0)

    def whole(connection: database.Connection) -> None:
        connection.execute("INSERT INTO watermark VALUES('orders', 4)")

    log.append(looks(2), whole)
    assert (log.size, log.watermark("orders")) == (2, 4)


def test_it_goes_on_where_it_was(tmp_path: Path):
    with closing(open_log(tmp_path)) as log:
        log.append(looks(300))
        first = log.checkpoint()
        log.append(looks(5))
    with closing(open_log(tmp_path)) as log:
        assert log.newest() == first
        assert log.append(looks(1)) == [305]
        second = checkpoint_in(log.checkpoint())
        old = checkpoint_in(first)
        assert (second.origin, log.mended) == (old.origin, [])
        verify_consistency(300, 306, log.consistency(300, 306), old.root, second.root)


def test_two_processes_may_write_it(tmp_path: Path):
    with closing(open_log(tmp_path)) as one, closing(open_log(tmp_path)) as other:
        assert one.append(looks(2)) == [0, 1]
        one.checkpoint()
        assert other.append(looks(299)) == list(range(2, 301))
        second = checkpoint_in(other.checkpoint())
        assert one.append(looks(1)) == [301]
        third = checkpoint_in(one.checkpoint())
        verify_consistency(301, 302, other.consistency(301, 302), second.root, third.root)


def test_the_checkpoint_that_is_shown_never_goes_back(tmp_path: Path):
    file = tmp_path / "log" / CHECKPOINT
    with closing(open_log(tmp_path)) as log, closing(open_log(tmp_path)) as other:
        log.append(looks(2))
        with pytest.MonkeyPatch.context() as patch:
            put = log._put_checkpoint

            def late() -> None:
                other.append(looks(3))
                other.checkpoint()
                put()

            patch.setattr(log, "_put_checkpoint", late)
            log.checkpoint()
        assert checkpoint_in(file.read_text()).size == 5
        # one that a killed process had signed and not shown
        file.unlink()
        assert checkpoint_in(log.checkpoint()).size == 5
        assert checkpoint_in(file.read_text()).size == 5


def _wrong(what: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        tiles = folder / "log" / "tile"
        match what:
            case "a partial tile is torn":
                (tiles / "0" / "001.p" / "45").write_bytes(b"torn")
            case "a partial tile is gone":
                (tiles / "1" / "000.p" / "1").unlink()
            case "a bundle is torn":
                (tiles / "entries" / "001.p" / "45").write_bytes(b"")
            case "a tile above is another":
                (tiles / "1" / "000.p" / "1").write_bytes(bytes(32))
            case "all files are gone":
                (tiles / "entries" / "000").unlink()
                (tiles / "0" / "000").unlink()
                (tiles / "1" / "000.p" / "1").unlink()
            case "the checkpoint is gone":
                (folder / "log" / CHECKPOINT).unlink()
            case "the checkpoint is torn":
                (folder / "log" / CHECKPOINT).write_bytes(b"hub.exam")

    return spoil


@pytest.mark.parametrize(
    "what",
    [
        "a partial tile is torn",
        "a partial tile is gone",
        "a bundle is torn",
        "a tile above is another",
        "all files are gone",
        "the checkpoint is gone",
        "the checkpoint is torn",
    ],
)
def test_files_that_are_spoilt_are_made_anew(tmp_path: Path, what: str):
    with closing(open_log(tmp_path)) as log:
        log.append(looks(301))
        note = log.checkpoint()
    before = {file: file.read_bytes() for file in tmp_path.glob("log/**/*") if file.is_file()}
    _wrong(what)(tmp_path)
    with closing(open_log(tmp_path)) as log:
        assert log.newest() == note
    assert {file: file.read_bytes() for file in before} == before


def test_rows_that_are_missing_or_changed_are_taken_from_the_files(tmp_path: Path):
    with closing(open_log(tmp_path)) as log:
        log.append(looks(301))
        note = log.checkpoint()
    edit(tmp_path, "DELETE FROM leaf WHERE n>=280")
    edit(tmp_path, "UPDATE leaf SET digest=zeroblob(32) WHERE n=279")
    with closing(open_log(tmp_path)) as log:
        assert log.checkpoint() == note
        assert log.mended[0].values == {"missing": "21", "changed": "1"}
        assert log.content(300) is None
        assert log.content(279) is not None
        assert log.append(looks(1)) == [301]
        assert log.origin == checkpoint_in(note).origin


def test_a_damaged_file_that_was_repaired_is_filled_up_from_the_bundles(tmp_path: Path):
    with closing(open_log(tmp_path)) as log:
        log.append(looks(1000))
        note = log.checkpoint()
    file = tmp_path / "log.sqlite"
    pages = bytearray(file.read_bytes())
    spoilt = range(len(pages) // 2 // 4096 * 4096, len(pages), 4096)[:4]
    for page in spoilt:
        pages[page : page + 4096] = bytes(4096)
    file.write_bytes(pages)
    (said,) = repair(tmp_path, None, NOW)
    assert "log.sqlite was damaged and is made anew" in said
    with closing(open_log(tmp_path)) as log:
        assert log.checkpoint() == note
        assert int(log.mended[0].values["missing"]) > 3
        index = log.append(looks(1))[0]
        assert index == 1000
        new = checkpoint_in(log.checkpoint())
        proof = log.consistency(1000, 1001)
        verify_consistency(1000, 1001, proof, checkpoint_in(note).root, new.root)


def test_an_older_copy_of_the_file_alone_is_filled_up(tmp_path: Path):
    with closing(open_log(tmp_path)) as log:
        log.append(looks(10))
        log.checkpoint()
        with closing(sqlite3.connect(tmp_path / "copy")) as copy:
            log.rows("SELECT 1")
            with closing(sqlite3.connect(tmp_path / "log.sqlite")) as source:
                source.backup(copy)
        log.append(looks(10))
        note = log.checkpoint()
    (tmp_path / "copy").replace(tmp_path / "log.sqlite")
    with closing(open_log(tmp_path)) as log:
        assert (log.checkpoint(), log.size) == (note, 20)


@pytest.mark.parametrize("what", ["rolled back", "taken away", "another key"])
def test_no_second_log_begins_under_a_name_that_was_used(tmp_path: Path, what: str):
    with closing(open_log(tmp_path)) as log:
        log.append(looks(5))
        note = log.checkpoint()
        old = checkpoint_in(note)
    key = signer()
    match what:
        case "taken away":
            (tmp_path / "log.sqlite").unlink()
        case "rolled back":
            edit(tmp_path, "DELETE FROM leaf WHERE n>=3")
            edit(tmp_path, "DELETE FROM checkpoint")
            (tmp_path / "log" / "tile" / "entries" / "000.p" / "5").unlink()
        case "another key":
            key = signer(9, "hub.example/noisetamer/89abcdef")
    with closing(open_log(tmp_path, key)) as log:
        new = checkpoint_in(log.checkpoint())
        assert new.origin != old.origin
        assert new.origin.startswith(key.name)
        (start,) = log.find("start")
        assert start.fields["checkpoint"] == note
        assert start.fields["origin"] == new.origin
        assert log.mended[-1].values == {"origin": new.origin}
        if what == "another key":
            verify_consistency(5, 6, log.consistency(5, 6), old.root, new.root)
        else:
            with pytest.raises((ProofError, UserError, ValueError)):
                verify_consistency(5, new.size, log.consistency(5, new.size), old.root, new.root)


def test_a_log_that_is_spoilt_while_it_runs_signs_nothing(tmp_path: Path, log: Log):
    log.append(looks(5))
    log.checkpoint()
    edit(tmp_path, "UPDATE leaf SET digest=zeroblob(32) WHERE n=2")
    with closing(open_log(tmp_path)) as other:
        other.append(looks(1))
        other.checkpoint()
    log.append(looks(1))
    assert checkpoint_in(log.checkpoint()).size == 7


def test_entries_below_a_minimum_are_counted(log: Log):
    log.append(looks(5))
    assert log.minimum == 0
    log.deny_below(99)
    assert log.minimum == 5


def test_what_cannot_be_used_is_said_and_tried_again(tmp_path: Path):
    (tmp_path / "log.sqlite").write_text("nothing of ours, but long enough to be looked at" * 30)
    log = open_log(tmp_path)
    with pytest.raises(UserError, match="is no log of the hub"):
        log.append(looks(1))
    (tmp_path / "log.sqlite").unlink()
    assert log.append(looks(1)) == [0]
    log.close()
