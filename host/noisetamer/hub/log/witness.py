"""A witness of other hubs' logs (c2sp.org/tlog-witness): it cosigns what grows, and only that.

What it cosigned last of each log is on the disk before its answer goes out: checked and stored in
one transaction, so that of two requests at once none rolls back the other. Its file and its key
are in no backup: a witness that was brought back from one would cosign a second time what it has
forgotten, and another story with it. It begins anew with a new key, and whoever relied on the old
one sees that.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.database import FileOnDemand, Schema, reader
from noisetamer.proof import merkle, notes
from noisetamer.proof.canonical import base64_bytes, number
from noisetamer.proof.checkpoint import Checkpoint, checkpoint_of
from noisetamer.proof.merkle import ProofError
from noisetamer.proof.notes import Note, NoteError, VerifierKey
from noisetamer.proof.signer import Signer

FILE, KEY = "witness.sqlite", "witness.key"
# of a proof's lines; a tree of 2**63 leaves needs no more
MOST_LINES = 63
# What a log that misbehaves may leave here.
_MOST_CONFLICTS = 100

SCHEMA = Schema(
    name="witness's memory",
    application=0x4E545754,  # NTWT
    option="--data",
    steps=(
        (
            # The latest that was cosigned of each log. at: Unix s.
            """CREATE TABLE tree(
              origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,
              note TEXT NOT NULL, at REAL NOT NULL) WITHOUT ROWID""",
            # What a log signed that does not fit: shown, beside what was held. why: "fork",
            # two trees of one size; "proof", it has not grown from what was cosigned.
            """CREATE TABLE conflict(
              id INTEGER PRIMARY KEY, at REAL NOT NULL, origin TEXT NOT NULL, why TEXT NOT NULL,
              held TEXT NOT NULL, shown TEXT NOT NULL, UNIQUE(origin, held, shown))""",
        ),
    ),
)


@dataclass(frozen=True)
class Answer:
    """status: of HTTP; body: ASCII and '—'."""

    status: int
    body: str
    kind: str = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Held:
    """What was cosigned last of a log. at: Unix s."""

    origin: str
    size: int
    root: bytes
    note: str
    at: float


@dataclass(frozen=True)
class Conflict:
    """at: Unix s; why: "fork", "proof"; held, shown: signed notes."""

    at: float
    origin: str
    why: str
    held: str
    shown: str


class Witness:
    """In any thread, beside other processes. Its file is made with the first use."""

    def __init__(
        self,
        path: Path,
        signer: Callable[[], Signer],
        keys_of: Callable[[str], Sequence[VerifierKey]],
        clock: Callable[[], float],
    ) -> None:
        """keys_of: an origin's keys that are trusted, none of an unknown one; clock: Unix s."""
        self._file = FileOnDemand(path, SCHEMA)
        self._make_signer = signer
        self._signer: Signer | None = None
        self._keys_of = keys_of
        self._clock = clock
        self._making = threading.Lock()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a request as the specification says. Raises UserError, database.Error where file
        or key cannot be used; then nothing is cosigned."""
        try:
            old, proof, note, shown = _request(body)
        except ValueError as error:
            return Answer(400, f"{error}\n")
        keys = self._keys_of(shown.origin)
        if not keys:
            return Answer(404, "This witness does not know that log.\n")
        try:
            notes.verify(note, keys)
        except NoteError as error:
            return Answer(403, f"{error}\n")
        if old > shown.size:
            return Answer(400, "The old size is beyond the checkpoint.\n")
        with self._file.writing() as connection:
            return self._decide(connection, old, proof, note, shown)

    def _decide(
        self,
        connection: database.Connection,
        old: int,
        proof: list[bytes],
        note: Note,
        shown: Checkpoint,
    ) -> Answer:
        row = connection.execute(
            "SELECT size, root, note FROM tree WHERE origin=?", (shown.origin,)
        ).fetchone()
        size, root, held = row or (0, merkle.EMPTY, "")
        conflict = Answer(409, f"{size}\n", "text/x.tlog.size")
        if shown.size == size and shown.root != root:
            self._keep(connection, shown, "fork", held, note)
            return conflict
        if old != size:
            return conflict
        try:
            merkle.verify_consistency(old, shown.size, proof, root, shown.root)
        except ProofError as error:
            if shown.size > size:
                self._keep(connection, shown, "proof", held, note)
            return Answer(422, f"{error}\n")
        now = self._clock()
        cosignature = notes.cosign(note.text, self._key(), int(now))
        connection.execute(
            "INSERT INTO tree VALUES(?,?,?,?,?) ON CONFLICT(origin) DO UPDATE SET"
            " size=excluded.size, root=excluded.root, note=excluded.note, at=excluded.at",
            (shown.origin, shown.size, shown.root, str(note), now),
        )
        return Answer(200, cosignature.line)

    def _keep(
        self, connection: database.Connection, shown: Checkpoint, why: str, held: str, note: Note
    ) -> None:
        (count,) = connection.execute(
            "SELECT count(*) FROM conflict WHERE origin=?", (shown.origin,)
        ).fetchone()
        if count < _MOST_CONFLICTS:
            connection.execute(
                "INSERT INTO conflict(at, origin, why, held, shown) VALUES(?,?,?,?,?)"
                " ON CONFLICT(origin, held, shown) DO NOTHING",
                (self._clock(), shown.origin, why, held, str(note)),
            )

    @property
    def key(self) -> VerifierKey:
        """By which its cosignatures are verified. Raises UserError."""
        signer = self._key()
        return VerifierKey(signer.name, signer.public, notes.COSIGNATURE)

    def _key(self) -> Signer:
        with self._making:
            if self._signer is None:
                self._signer = self._make_signer()
            return self._signer


def held(path: Path) -> list[Held]:
    """What the witness with this file cosigned last, of every log."""
    return [Held(*row) for row in _rows(path, "SELECT origin, size, root, note, at FROM tree")]


def conflicts(path: Path) -> list[Conflict]:
    """What did not fit, the oldest first."""
    rows = _rows(path, "SELECT at, origin, why, held, shown FROM conflict ORDER BY id")
    return [Conflict(*row) for row in rows]


def _rows(path: Path, query: str) -> list[tuple]:
    if not database.exists(path):
        return []
    with closing(reader(path)) as connection:
        return connection.execute(query).fetchall()


def _request(body: bytes) -> tuple[int, list[bytes], Note, Checkpoint]:
    """Old size, proof, note and what it says. Raises ValueError with a reason."""
    try:
        head, blank, rest = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise ValueError("The request is not UTF-8.") from None
    first, *lines = head.split("\n")
    if not blank or not first.startswith("old "):
        raise ValueError("The request is 'old N', a proof, an empty line, a checkpoint.")
    if len(lines) > MOST_LINES:
        raise ValueError(f"A proof has at most {MOST_LINES} lines.")
    try:
        old, proof = number(first.removeprefix("old ")), [base64_bytes(line) for line in lines]
    except ValueError as error:
        raise ValueError(f"The request {error}.") from None
    if any(len(one) != len(merkle.EMPTY) for one in proof):
        raise ValueError("A line of the proof is no SHA-256.")
    try:
        note = notes.parse(rest)
        return old, proof, note, checkpoint_of(note.text)
    except NoteError as error:
        raise ValueError(str(error)) from None
