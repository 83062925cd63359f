"""The log: what the hub committed to, in an order that cannot be changed unseen.

A leaf and its content are a row of log.sqlite, committed before anything else; the tree's files
follow from the rows. A checkpoint is signed when the files of its tree are on the disk.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.base.database import transaction
from noisetamer.base.errors import UserError
from noisetamer.hub.log import beginning, book
from noisetamer.hub.log.disk import Disk
from noisetamer.hub.log.schema import SCHEMA
from noisetamer.hub.log.tree import CHECKPOINT, Tree, published
from noisetamer.hub.trouble import Trouble
from noisetamer.proof import merkle, notes
from noisetamer.proof.checkpoint import Checkpoint, checkpoint_in, checkpoint_of
from noisetamer.proof.leaf import Leaf, content_in
from noisetamer.proof.notes import Signature, VerifierKey
from noisetamer.proof.signer import Signer
from noisetamer.proof.tiles import nodes
from noisetamer.proof.tlog_proof import TlogProof

_MANY = 4096
# Said besides what implies it, for the indexes of all other kinds.
_INDEXED = "kind!='batch'"

Alongside = Callable[[database.Connection], None]
"""What is written in the same transaction as leaves: watermarks."""


@dataclass(frozen=True)
class Found:
    """A leaf with what it says. index: in the tree; content: as it was hashed."""

    index: int
    content: bytes
    fields: dict[str, Any]


class Log:
    """Of one hub, in any thread, beside other processes. It touches nothing before it is used.

    Methods raise UserError, OSError or database.Error where files or the key cannot be used; what
    is half done then is done the next time.
    """

    def __init__(
        self,
        folder: Path,
        file: Path,
        signer: Signer | Callable[[], Signer],
        clock: Callable[[], float] = time.time,
        disk: Disk | None = None,
    ) -> None:
        """folder: for the tree's files; file: SQLite; signer: or how it is made; clock: Unix s."""
        self.folder = folder
        self.file = file
        self._signer = signer
        self._signing: Signer | None = None
        self._clock = clock
        self._disk = disk or Disk()
        self._lock = threading.RLock()
        self._open: database.Connection | None = None
        self._tree: Tree | None = None
        self.mended: list[Trouble] = []
        """What was found wrong with it at its first use, and mended."""

    def close(self) -> None:
        with self._lock:
            if self._open:
                self._open.close()
            self._open = self._tree = self._signing = None

    # Writing

    def append(
        self, contents: Iterable[Mapping[str, Any]], alongside: Alongside | None = None
    ) -> list[int]:
        """Add leaves; their indexes. They are on the disk then, all or none.

        contents: each with its `kind`, with `at` (Unix s) where it is not now; the salt is added.
        """
        now = int(self._clock())
        with self._writing() as connection:
            indexes = book.append(connection, contents, now)
            if alongside:
                alongside(connection)
        return indexes

    def checkpoint(self) -> str:
        """The signed note of the log as it is now; with the cosignatures it has where nothing was
        added since the last one."""
        with self._writing() as connection:
            size = book.size(connection)
            newest = book.newest(connection)
            if newest and newest[0] == size and newest[1].startswith(f"{self._name}\n"):
                note = newest[1]
            else:
                note = self._publish(connection, size)
        if published(self.folder) != note:
            self._put_checkpoint()
        return note

    def cosign(self, text: str, signatures: Sequence[Signature]) -> bool:
        """Add what witnesses say of the checkpoint with this text; False where there is none.

        Their signatures are not looked at: that is for whoever asked them.
        """
        with self._writing() as connection:
            row = connection.execute(
                "SELECT id, note FROM checkpoint WHERE size=? ORDER BY id DESC",
                (checkpoint_of(text).size,),
            ).fetchone()
            note = notes.parse(row[1]) if row else None
            if note is None or note.text != text:
                return False
            known = {(each.name, each.key): each for each in note.signatures}
            known |= {(each.name, each.key): each for each in signatures}
            signed = str(notes.note(text, known.values()))
            connection.execute("UPDATE checkpoint SET note=? WHERE id=?", (signed, row[0]))
        self._put_checkpoint()
        return True

    def forget(self, indexes: Iterable[int], why: str) -> list[int]:
        """Delete contents; those that were there, of which one leaf says so."""
        with self._writing() as connection:
            return book.forget(connection, indexes, why, int(self._clock()))

    def deny_below(self, minimum: int) -> None:
        """Give out entries and full tiles before this index no more (tlog-tiles, "Pruning"); their
        hashes stay."""
        with self._writing() as connection:
            connection.execute(
                "UPDATE state SET minimum=?", (min(minimum, book.size(connection)),)
            )

    # Reading

    @property
    def origin(self) -> str:
        with self._reading():
            return self._name

    @property
    def key(self) -> VerifierKey:
        """By which whoever knows it verifies checkpoints."""
        with self._reading() as connection:
            return VerifierKey(*book.origin(connection))

    @property
    def size(self) -> int:
        with self._reading() as connection:
            return book.size(connection)

    @property
    def minimum(self) -> int:
        with self._reading() as connection:
            return connection.execute("SELECT minimum FROM state").fetchone()[0]

    def newest(self) -> str | None:
        """The last checkpoint that was signed, with its cosignatures."""
        with self._reading() as connection:
            found = book.newest(connection)
            return found[1] if found else None

    def newest_signed(self) -> tuple[str, float] | None:
        """The same, and when it was signed, Unix s."""
        with self._reading() as connection:
            found = book.newest(connection)
            return found[1:] if found else None

    def checkpoint_at(self, size: int) -> str | None:
        """The smallest signed one that has the leaves before `size` and is kept."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT note FROM checkpoint WHERE size>=? ORDER BY size, id DESC LIMIT 1",
                (size,),
            ).fetchone()
            return row[0] if row else None

    def leaf(self, index: int) -> Leaf:
        """Raises LookupError."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT kind, at, digest FROM leaf WHERE n=?", (index,)
            ).fetchone()
        if row is None:
            raise LookupError(f"the log has no leaf {index}")
        return Leaf(*row)

    def content(self, index: int) -> bytes | None:
        """As it was hashed; None where it was deleted. Raises LookupError."""
        with self._reading() as connection:
            row = connection.execute("SELECT content FROM leaf WHERE n=?", (index,)).fetchone()
        if row is None:
            raise LookupError(f"the log has no leaf {index}")
        return row[0]

    def proof(self, index: int, size: int) -> list[bytes]:
        """That the leaf is in the tree of the checkpoint of that size."""
        with self._reading():
            return merkle.inclusion_proof(index, size, self._nodes(size))

    def consistency(self, old: int, new: int) -> list[bytes]:
        """That the tree of one checkpoint has grown from that of another."""
        with self._reading():
            return merkle.consistency_proof(old, new, self._nodes(new))

    def tlog_proof(self, index: int, checkpoint: str) -> TlogProof:
        """The proof in a file of its own. checkpoint: of this log, with the leaf in it."""
        size = checkpoint_in(checkpoint).size
        return TlogProof(index, tuple(self.proof(index, size)), checkpoint)

    def find(self, kind: str, **fields: Any) -> list[Found]:
        """Leaves of a kind whose contents have these fields, and are still there."""
        where, values = ["kind=?", "content IS NOT NULL"], [kind]
        if kind == "batch" and "unit" in fields:
            where.append("n IN (SELECT n FROM batch WHERE unit=?)")
            values.append(fields["unit"])
        elif kind != "batch":
            where.append(_INDEXED)
            if subject := book.subject(fields):
                where.append("subject=?")
                values.append(subject)
        return [
            one
            for one in self._select(" AND ".join(where), values)
            if all(one.fields.get(name) == value for name, value in fields.items())
        ]

    def batches(self, unit: str, boot: int, first: int, last: int) -> list[Found]:
        """The leaves that have records of a boot from one sequence to another, in their order."""
        where = (
            "content IS NOT NULL AND n IN (SELECT n FROM batch WHERE unit=? AND boot=?"
            " AND last>=? AND first<=?)"
        )
        return self._select(where, [unit, boot, first, last])

    def latest(self, most: int, kinds: Sequence[str] = (), before: int | None = None) -> list[int]:
        """Indexes of the newest leaves, the newest first; before: those with a lower index."""
        where, values = ["TRUE"], []
        if kinds:
            where.append(f"kind IN ({','.join('?' * len(kinds))})")
            values += kinds
            if "batch" not in kinds:
                where.append(_INDEXED)
        if before is not None:
            where.append("n<?")
            values.append(before)
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT n FROM leaf WHERE {' AND '.join(where)} ORDER BY n DESC LIMIT ?",
                (*values, most),
            )
            return [n for (n,) in rows]

    def watermark(self, source: str) -> int:
        """Up to where a source of leaves was read; 0 at the beginning."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT at FROM watermark WHERE source=?", (source,)
            ).fetchone()
            return row[0] if row else 0

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Of the other tables that `alongside` writes."""
        with self._reading() as connection:
            return connection.execute(query, values).fetchall()

    # Within

    def _select(self, where: str, values: Sequence[object]) -> list[Found]:
        with self._reading() as connection:
            rows = connection.execute(
                f"SELECT n, content FROM leaf WHERE {where} ORDER BY n", values
            ).fetchall()
        return [Found(n, content, content_in(content)) for n, content in rows]

    def _publish(self, connection: database.Connection, size: int) -> str:
        """Put the tree's files on the disk, and sign."""
        tree = self._tree
        assert tree
        try:
            for first in range(tree.size, size, _MANY):
                tree.grow(book.entries(connection, first, min(first + _MANY, size)))
            text = Checkpoint(self._name, size, tree.root()).text
            note = str(notes.note(text, [notes.sign(text, self._key(), self._name)]))
            at, before = self._clock(), book.newest(connection)
            book.add_checkpoint(connection, at, note)
            if before is None or int(at // 3600) != int(before[2] // 3600):
                book.thin_out(connection, at)
        except BaseException:
            self._tree = None  # of which nobody knows what is on the disk
            raise
        return note

    def _put_checkpoint(self) -> None:
        """The newest that was signed, by whichever process: never one before it."""
        assert self._open
        with transaction(self._open):
            newest = book.newest(self._open)
            if newest and published(self.folder) != newest[1]:
                self._disk.put(self.folder / CHECKPOINT, newest[1].encode())
                self._disk.settle()

    def _nodes(self, size: int) -> merkle.Node:
        assert self._tree
        if size > self._tree.size:
            raise UserError(
                f"The log has no checkpoint of {size} leaves yet: the last has {self._tree.size}."
            )
        return nodes(size, self._tree.read)

    def _key(self) -> Signer:
        if self._signing is None:
            self._signing = self._signer() if callable(self._signer) else self._signer
        return self._signing

    @property
    def _name(self) -> str:
        assert self._open
        return book.origin(self._open)[0]

    @contextmanager
    def _reading(self) -> Iterator[database.Connection]:
        with self._lock:
            connection = self._opened()
            self._catch_up(connection)
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[database.Connection]:
        with self._lock:
            connection = self._opened()
            with transaction(connection):
                self._catch_up(connection)
                yield connection

    def _opened(self) -> database.Connection:
        if self._open is None:
            key = self._key()
            self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            connection = database.opened(self.file, SCHEMA)
            try:
                with transaction(connection):
                    tree = Tree(self.folder, self._disk)
                    taken, said = beginning.take_up(connection, tree, key, self._clock())
                    self._tree = tree if taken else None
            except BaseException:
                connection.close()
                self._tree = None
                raise
            self._open = connection
            # of a hub that ended between signing and this
            self._put_checkpoint()
            self.mended += said
        return self._open

    def _catch_up(self, connection: database.Connection) -> None:
        """Another process may have signed since."""
        newest = book.newest(connection)
        size = newest[0] if newest else 0
        if self._tree is None or self._tree.size != size:
            tree = Tree(self.folder, self._disk)
            root = tree.load(size, lambda first, end: book.entries(connection, first, end))
            if newest and root != checkpoint_in(newest[1]).root:
                raise UserError(
                    f"The log {self.file} is not the one that was signed: 'noisetamer hub check' "
                    "says what was changed; then start the hub again."
                )
            self._tree = tree
