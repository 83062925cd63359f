"""The log against itself: what was edited or deleted is named. `kept_comparison` goes on with what
the hub keeps.

Reads only, and beside a hub that runs.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.base.zones import in_utc
from noisetamer.hub.log.disk import Disk
from noisetamer.hub.log.kept_comparison import Said, audit, records
from noisetamer.hub.log.schema import FILE
from noisetamer.hub.log.tree import Tree, published
from noisetamer.proof import merkle, notes
from noisetamer.proof.checkpoint import checkpoint_in
from noisetamer.proof.leaf import Leaf, LeafError, leaf_in, leaf_of
from noisetamer.proof.merkle import leaf_hash
from noisetamer.proof.notes import NoteError, VerifierKey
from noisetamer.proof.tiles import WIDTH, Tile, entries_in, tile_at

_MOST = 20
_AT_ONCE = 16 * WIDTH


def compare(data: Path) -> Iterator[Said]:
    """What there is to say of the log of the hub in `data`."""
    file = data / FILE
    if not database.exists(file):
        yield Said("none yet: it begins with the next start", ill=False)
        return
    try:
        with database.untouched(file) as log:
            # one moment of the log; what comes to the store later is in no leaf yet
            log.execute("BEGIN")
            found = False
            for look in (_tree, _contents, records, audit):
                for said in _few(look(data, log)):
                    found |= said.ill
                    yield said
            if not found:
                (size,) = log.execute("SELECT count(*) FROM leaf").fetchone()
                yield Said(
                    f"{size} leaves: tree, contents and records are those that were signed",
                    ill=False,
                )
    except (database.Error, OSError, UserError) as error:
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


def _tree(data: Path, log: database.Connection) -> Iterator[Said]:
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


def _files(data: Path, log: database.Connection, size: int) -> Iterator[Said]:
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


def _contents(data: Path, log: database.Connection) -> Iterator[Said]:
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


def _rows(log: database.Connection, first: int, end: int) -> list[tuple[int, Leaf]]:
    return [
        (n, Leaf(*row))
        for n, *row in log.execute(
            "SELECT n, kind, at, digest FROM leaf WHERE n>=? AND n<? ORDER BY n", (first, end)
        )
    ]


def _is_root(signed: list[str], root: bytes) -> bool:
    return all(checkpoint_in(note).root == root for note in signed)


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
        if row is None or published(data / "log") == row[0]:
            return True
    return False


def _of(leaf: Leaf) -> str:
    return f"{leaf.kind}, {in_utc(leaf.at)}"


def _of_entry(entry: bytes) -> str:
    try:
        return _of(leaf_in(entry))
    except LeafError:
        return "no entry of ours"


def _date(log: database.Connection, note: str) -> str:
    row = log.execute("SELECT at FROM checkpoint WHERE note=?", (note,)).fetchone()
    return in_utc(row[0])
