"""The log against itself, and against what the hub keeps: what was edited or deleted is named.

Reads only, and beside a hub that runs.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.log import batches
from noisetamer.hub.log.disk import Disk
from noisetamer.hub.log.log import CHECKPOINT
from noisetamer.hub.log.schema import FILE
from noisetamer.hub.log.tree import Tree
from noisetamer.hub.store import past_days
from noisetamer.hub.store.packed_day import DAY
from noisetamer.proof import merkle, notes
from noisetamer.proof.checkpoint import checkpoint_of
from noisetamer.proof.leaf import Leaf, LeafError, leaf_in, leaf_of
from noisetamer.proof.merkle import leaf_hash
from noisetamer.proof.notes import NoteError, VerifierKey
from noisetamer.proof.tiles import WIDTH, Tile, entries_in, tile_at

_MOST = 20
_AT_ONCE = 16 * WIDTH


@dataclass(frozen=True)
class Said:
    """ill: something was changed or is missing, and nothing explains it."""

    text: str
    ill: bool


def compare(data: Path) -> Iterator[Said]:
    """What there is to say of the log of the hub in `data`."""
    file = data / FILE
    if not file.is_file():
        yield Said("none yet: it begins with the next start", ill=False)
        return
    try:
        with database.untouched(file) as log:
            # one moment of the log; what comes to the store later is in no leaf yet
            log.execute("BEGIN")
            found = False
            for look in (_tree, _contents, _records, _audit):
                for said in _few(look(data, log)):
                    found |= said.ill
                    yield said
            if not found:
                (size,) = log.execute("SELECT count(*) FROM leaf").fetchone()
                yield Said(
                    f"{size} leaves: tree, contents and records are those that were signed",
                    ill=False,
                )
    except (sqlite3.Error, OSError, UserError) as error:
        yield Said(f"cannot be compared: {error}", ill=True)


def _few(found: Iterator[Said]) -> Iterator[Said]:
    more = 0
    for count, said in enumerate(found):
        if count < _MOST or not said.ill:
            yield said
        else:
            more += 1
    if more:
        yield Said(f"and {more} more", ill=True)


def _tree(data: Path, log: sqlite3.Connection) -> Iterator[Said]:
    """Rows, files and every signed checkpoint that is kept give one tree."""
    keys = [VerifierKey(*row) for row in log.execute("SELECT name, public FROM origin")]
    signed: dict[int, list[str]] = {}
    for size, note in log.execute("SELECT size, note FROM checkpoint ORDER BY size"):
        signed.setdefault(size, []).append(note)
    newest = log.execute("SELECT size, note FROM checkpoint ORDER BY id DESC LIMIT 1").fetchone()
    if not _is_shown(data):
        yield Said("the file checkpoint is not the one that was signed last", ill=True)
    for note in (each for some in signed.values() for each in some):
        try:
            notes.verify(notes.parse(note), keys)
        except NoteError as error:
            yield Said(f"a checkpoint of {_date(log, note)}: {error}", ill=True)
    size = newest[0] if newest else 0
    yield from _files(data, log, size)
    edge = merkle.Edge()
    wrong = [size for size in signed if size == 0 and not _is_root(signed[0], merkle.EMPTY)]
    last = max(signed, default=0)
    for first in range(0, last, _AT_ONCE):
        rows = _rows(log, first, min(first + _AT_ONCE, last))
        for n, leaf in rows:
            edge.add(leaf_hash(leaf.entry))
            if n + 1 in signed and not _is_root(signed[n + 1], edge.root()):
                wrong.append(n + 1)
    (count,) = log.execute("SELECT count(*) FROM leaf").fetchone()
    if edge.size != last:
        yield Said(f"{last - edge.size} leaves that were signed are missing", ill=True)
    if wrong:
        yield Said(
            f"the tree is not the one that was signed with {wrong[0]} leaves: one of these was "
            f"changed, and none before {_before(signed, wrong[0])}",
            ill=True,
        )
    if count > last:
        yield Said(f"{count - last} leaves are in no checkpoint yet", ill=False)


class _Compared(Disk):
    """Writes nothing: `put` is told of files that are other than they should be."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[Path] = []

    def put(self, file: Path, content: bytes) -> None:
        # of a hub that runs, a partial tile may have become a full one meanwhile
        full = file.parent.with_suffix("") if file.parent.suffix == ".p" else file
        with suppress(OSError):
            if not file.exists() and full.read_bytes().startswith(content):
                return
        self.wrong.append(file)

    def settle(self) -> None:
        pass

    def remove_folder(self, folder: Path) -> None:
        pass


def _files(data: Path, log: sqlite3.Connection, size: int) -> Iterator[Said]:
    """Tiles and bundles are those of the rows; where a bundle is not, its leaves are named."""
    compared = _Compared()
    tree = Tree(data / "log", compared)
    rows = (
        row for first in range(0, size, _AT_ONCE) for row in _rows(log, first, first + _AT_ONCE)
    )
    tree.grow((leaf.entry for n, leaf in rows if n < size), mending=True)
    for file in compared.wrong:
        tile = tile_at(file.relative_to(data / "log").as_posix())
        if not file.is_file():
            yield Said(f"the file {tile.path} is missing", ill=True)
        elif tile.level is not None:
            yield Said(f"the file {tile.path} is not that of the leaves", ill=True)
        else:
            yield from _leaves(file, tile, dict(_rows(log, *_span(tile))))


def _leaves(file: Path, tile: Tile, here: dict[int, Leaf]) -> Iterator[Said]:
    try:
        there = dict(enumerate(entries_in(file.read_bytes()), _span(tile)[0]))
    except ValueError as error:
        yield Said(f"the file {tile.path}: {error}", ill=True)
        return
    for n, entry in there.items():
        if n not in here:
            yield Said(f"leaf {n} ({_of_entry(entry)}) was deleted", ill=True)
        elif here[n].entry != entry:
            yield Said(
                f"leaf {n} ({_of(here[n])}) is another in its file ({_of_entry(entry)})", ill=True
            )
    if len(there) < tile.width:
        yield Said(f"the file {tile.path} has {len(there)} leaves", ill=True)


def _span(tile: Tile) -> tuple[int, int]:
    return tile.place * WIDTH, tile.place * WIDTH + tile.width


def _contents(data: Path, log: sqlite3.Connection) -> Iterator[Said]:
    """Each content is the one whose hash is in the tree, or its deletion is in the log."""
    told: set[int] = set()
    lost: list[int] = []
    for n, content, *row in log.execute(
        "SELECT n, CAST(content AS BLOB), kind, at, digest FROM leaf"
    ):
        leaf = Leaf(*row)
        if content is None:
            lost.append(n)
            continue
        if hashlib.sha256(content).digest() != leaf.digest:
            yield Said(f"the content of leaf {n} ({_of(leaf)}) was changed", ill=True)
            continue
        try:
            if leaf_of(content) != leaf:
                raise LeafError("its kind or time is another")
        except LeafError as error:
            yield Said(f"the content of leaf {n} ({_of(leaf)}): {error}", ill=True)
            continue
        if leaf.kind == "deletion":
            told.update(json.loads(content).get("indexes") or ())
    for n in lost:
        if n not in told:
            (leaf,) = (leaf for _, leaf in _rows(log, n, n + 1))
            yield Said(
                f"the content of leaf {n} ({_of(leaf)}) is gone, and no leaf says why", ill=True
            )


def _records(data: Path, log: sqlite3.Connection) -> Iterator[Said]:
    """The records of each batch are those that the store has."""
    file = data / "hub.sqlite"
    if not file.is_file():
        return
    yield from _index(log)
    rows = log.execute(
        "SELECT batch.unit, batch.boot, content FROM batch JOIN leaf ON leaf.n=batch.n"
        " WHERE kind='batch' AND content IS NOT NULL"
        " ORDER BY batch.unit, batch.boot, batch.first, batch.n"
    )
    let_go = {
        (content["unit"], content["day"])
        for content in _said(log, "deletion")
        if content.get("what") == "day"
    }
    done = {(unit, boot): seq for unit, boot, seq in log.execute("SELECT * FROM batched")}
    (read,) = log.execute(
        "SELECT coalesce(max(at), 0) FROM watermark WHERE source='store'"
    ).fetchone()
    with database.untouched(file) as store:
        store.execute("BEGIN")
        waiting: dict[batches.Boot, set[int]] = {}
        for unit, boot, seq in store.execute(
            "SELECT unit, boot, seq FROM log_news WHERE id>? AND seq IS NOT NULL", (read,)
        ):
            waiting.setdefault((unit, boot), set()).add(seq)
        for boot, of_boot in groupby(rows, lambda row: (row[0], row[1])):
            contents = [one for *_, content in of_boot if (one := _batch(content))]
            late = {one["first"] for one in contents if one.get("late")}
            late |= waiting.get(boot, set())
            yield from _boot(store, boot, contents, late, done.get(boot, 0), let_go)


def _batch(content: bytes | str) -> dict[str, Any] | None:
    """None of what is none; whoever wrote that was told of with the contents, or with the tree."""
    try:
        found = json.loads(content)
        numbers = [found[name] for name in ("boot", "first", "last", "count")]
        numbers += list(found["received"])
        texts = [found[name] for name in ("unit", "records")]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    fits = all(type(n) is int and 0 <= n < 2**32 for n in numbers) and len(numbers) == 6
    return found if fits and all(isinstance(text, str) for text in texts) else None


def _index(log: sqlite3.Connection) -> Iterator[Said]:
    """By the table `batch`, which nobody signed, the leaves of records are found: each is in it,
    and no other."""
    for unit, boot, first, last in log.execute(
        "SELECT unit, boot, first, last FROM (SELECT n,"
        " json_extract(text, '$.unit') AS unit, json_extract(text, '$.boot') AS boot,"
        " json_extract(text, '$.first') AS first, json_extract(text, '$.last') AS last"
        " FROM (SELECT n, CAST(content AS TEXT) AS text FROM leaf"
        "  WHERE kind='batch' AND content IS NOT NULL) WHERE json_valid(text)) AS told"
        " WHERE NOT EXISTS (SELECT 1 FROM batch WHERE batch.unit=told.unit AND"
        "  batch.boot=told.boot AND batch.last=told.last AND batch.n=told.n AND"
        "  batch.first=told.first)"
    ):
        what = f"{unit}, boot {boot}, records {first} to {last}"
        yield Said(f"{what}: taken out of the index of the log, and not compared", ill=True)
    indexed, there = log.execute(
        "SELECT (SELECT count(*) FROM batch), (SELECT count(*) FROM leaf WHERE kind='batch')"
    ).fetchone()
    if indexed > there:
        yield Said(f"{indexed - there} rows of the index of the log are of no leaf", ill=True)


def _boot(
    store: sqlite3.Connection,
    of: batches.Boot,
    contents: list[dict[str, Any]],
    late: set[int],
    done: int,
    let_go: set[tuple[str, int]],
) -> Iterator[Said]:
    """late: sequences that have a batch of their own, or will have; done: how far its records are
    in leaves."""
    unit, boot = of
    end = 0
    for one in contents:
        first, last = one["first"], one["last"]
        if first > end + 1 and not one.get("late"):
            yield from _foreign(store, unit, boot, end + 1, first - 1, late)
        end = max(end, last)
        what = f"{unit}, boot {boot}, records {first} to {last}"
        try:
            digest, count = batches.recomputed(store, one, late)
        except ValueError as error:
            yield Said(f"{what}: {error}", ill=True)
            continue
        if (digest, count) == (one["records"], one["count"]):
            continue
        days = _deleted_days(store, unit, boot, first, last)
        if days:
            unknown = [day for day in days if (unit, day) not in let_go]
            if unknown:
                yield Said(f"{what}: deleted ({_day(unknown[0])}), and no leaf says so", ill=True)
            continue
        when = _when(store, one)
        missing = one["count"] - count
        if missing > 0 and _known_lost(store, unit, boot, first, last):
            yield Said(
                f"{what}, {when}: {missing} are gone, as is known since the store was mended or "
                "brought back",
                ill=False,
            )
        elif missing > 0:
            yield Said(f"{what}, {when}: {missing} were deleted", ill=True)
        elif missing < 0:
            yield Said(f"{what}, {when}: {-missing} more than were told", ill=True)
        else:
            yield Said(f"{what}, {when}: at least one was changed", ill=True)
    yield from _foreign(store, unit, boot, end + 1, done, late)


def _foreign(
    store: sqlite3.Connection, unit: str, boot: int, first: int, last: int, late: set[int]
) -> Iterator[Said]:
    """Records where the log has none."""
    try:
        records = past_days.between(store, unit, boot, first, last) if first <= last else []
    except ValueError:
        return  # told of the packed day
    found = [one.seq for one in records if one.seq not in late]
    if found:
        yield Said(
            f"{unit}, boot {boot}, records {found[0]} to {found[-1]}: in no leaf, though later "
            "ones may be: put there afterwards",
            ill=True,
        )


def _audit(data: Path, log: sqlite3.Connection) -> Iterator[Said]:
    """The rows of the audit log that leaves were made of are still the same."""
    file = data / "people.sqlite"
    if not file.is_file():
        return
    with database.untouched(file) as people:
        for content in _said(log, *sorted({*_AUDITED})):
            match content.get("audit"):
                case [int(n), str(hash)]:
                    pass
                case _:
                    continue
            row = people.execute("SELECT hash FROM audit WHERE n=?", (n,)).fetchone()
            if row is None:
                yield Said(f"audit log: row {n} was deleted", ill=True)
            elif row[0].hex() != hash:
                yield Said(
                    f"audit log: row {n} is not the one that was committed to: it, or one before "
                    "it, was made anew",
                    ill=True,
                )
                return


_AUDITED = ("look", "deletion", "policy", "key", "order")


def _said(log: sqlite3.Connection, *kinds: str) -> Iterator[dict[str, Any]]:
    for (content,) in log.execute(
        f"SELECT content FROM leaf WHERE kind IN ({','.join('?' * len(kinds))})"
        " AND content IS NOT NULL ORDER BY n",
        kinds,
    ):
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            continue  # told by _contents
        if isinstance(found, dict):
            yield found


def _rows(log: sqlite3.Connection, first: int, end: int) -> list[tuple[int, Leaf]]:
    return [
        (n, Leaf(*row))
        for n, *row in log.execute(
            "SELECT n, kind, at, digest FROM leaf WHERE n>=? AND n<? ORDER BY n", (first, end)
        )
    ]


def _is_root(signed: list[str], root: bytes) -> bool:
    return all(checkpoint_of(notes.parse(note).text).root == root for note in signed)


def _before(signed: dict[int, list[str]], size: int) -> int:
    return max((each for each in signed if each < size), default=0)


def _is_shown(data: Path) -> bool:
    """Whether the newest checkpoint is the one that is given out; looked at again where a hub that
    runs may be between the two."""
    for attempt in range(3):
        if attempt:
            time.sleep(0.5)
        with database.untouched(data / FILE) as log:
            row = log.execute("SELECT note FROM checkpoint ORDER BY id DESC LIMIT 1").fetchone()
        try:
            shown = (data / "log" / CHECKPOINT).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            shown = ""
        if row is None or shown == row[0]:
            return True
    return False


def _deleted_days(
    store: sqlite3.Connection, unit: str, boot: int, first: int, last: int
) -> list[int]:
    """Of records that were let go when their time was over."""
    return [
        day
        for (day,) in store.execute(
            "SELECT DISTINCT day FROM past_records WHERE unit=? AND boot=? AND last>=?"
            " AND first<=? AND length(records)=0",
            (unit, boot, first, last),
        )
    ]


def _known_lost(store: sqlite3.Connection, unit: str, boot: int, first: int, last: int) -> bool:
    return bool(
        store.execute(
            "SELECT EXISTS(SELECT 1 FROM hole WHERE unit=? AND boot=? AND last>=? AND first<=?)"
            " AND EXISTS(SELECT 1 FROM wound)",
            (unit, boot, first, last),
        ).fetchone()[0]
    )


def _when(store: sqlite3.Connection, content: dict[str, Any]) -> str:
    """Between which times of the unit, where its records are still there; else when they came."""
    row = store.execute(
        "SELECT min(t), max(t) FROM record WHERE unit=? AND boot=? AND seq BETWEEN ? AND ?",
        (content["unit"], content["boot"], content["first"], content["last"]),
    ).fetchone()
    if row[0] is None:
        since, until = content["received"]
        return f"received {_time(since)} to {_time(until)}"
    return f"{_time(row[0])} to {_time(row[1])}"


def _of(leaf: Leaf) -> str:
    return f"{leaf.kind}, {_time(leaf.at)}"


def _of_entry(entry: bytes) -> str:
    try:
        return _of(leaf_in(entry))
    except LeafError:
        return "no entry of ours"


def _date(log: sqlite3.Connection, note: str) -> str:
    row = log.execute("SELECT at FROM checkpoint WHERE note=?", (note,)).fetchone()
    return _time(row[0])


def _day(day: int) -> str:
    return f"{datetime.fromtimestamp(day * DAY, UTC):%Y-%m-%d}"


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
