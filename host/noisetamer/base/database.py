"""Our SQLite files: told from any other, and brought from every earlier version to today's.

A file carries its kind in `PRAGMA application_id` and its version in `PRAGMA user_version`. A new
file takes all steps, an old one those it lacks, in one transaction: killed on the way, it is as
it was. Append a step to change a schema; never edit one that has been released.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base.errors import UserError

# What SQLite's module says, without a code, of a file spoilt inside.
_SPOILT = ("malformed", "Could not decode")


@dataclass(frozen=True)
class Schema:
    """One kind of file.

    name: in sentences, "ledger"; application: its application_id, 32 bits; option: with which the
    user names such a file, or its folder; steps: statements, steps[n] leads from version n to
    n + 1; from_before: tables of files that were made before they carried an id (step 0 must
    leave what is there); error: raised for what the user can mend.
    """

    name: str
    application: int
    option: str
    steps: tuple[tuple[str, ...], ...]
    from_before: frozenset[str] = frozenset()
    error: type[UserError] = UserError

    @property
    def version(self) -> int:
        return len(self.steps)


def made_private(path: Path) -> None:
    """Make the file, where it is missing, readable by its owner only. What cannot be made, SQLite
    says; one that is there keeps the rights it has."""
    with suppress(OSError):
        # EXCL: of a file that is open elsewhere in this process, closing it again would let go of
        # SQLite's locks (sqlite.org/howtocorrupt.html, 2.2)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def opened(path: Path, schema: Schema) -> sqlite3.Connection:
    """One of ours that several use, at today's version; made, for its owner only, where it is
    missing. What is committed is on the disk. In autocommit; for one thread at a time, any.

    Raises schema.error, and then a file that is something else, or newer, is as it was.
    """
    with told(path, schema):
        made_private(path)
        connection = sqlite3.connect(
            path, timeout=5, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA synchronous=FULL")
            migrate(connection, path, schema)
            # only now: it is written into the file
            connection.execute("PRAGMA journal_mode=WAL")
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def connected(path: Path, schema: Schema) -> Iterator[sqlite3.Connection]:
    """A connection of its own for one use, to a file that was `opened` before; in autocommit.
    What fails meanwhile is told as by `told`."""
    with (
        told(path, schema),
        closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as connection,
    ):
        connection.execute("PRAGMA synchronous=FULL")
        yield connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing. Nobody else writes meanwhile. connection: in autocommit."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # after some errors SQLite has rolled back by itself
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def one_moment(connection: sqlite3.Connection) -> Iterator[None]:
    """What is read meanwhile is of one state, whoever writes beside it. connection: in
    autocommit."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


class SharedFile:
    """One of ours that several threads use, one after the other. Raises sqlite3.Error."""

    def __init__(self, path: Path, schema: Schema) -> None:
        """Open or create. Raises schema.error for a file that is something else, or newer."""
        self._lock = threading.RLock()
        self._connection = opened(path, schema)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing."""
        with self._lock, transaction(self._connection):
            yield

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def _do(self, statement: str, *values: Any) -> None:
        with self._lock:
            self._connection.execute(statement, values)


class FileOnDemand:
    """One of ours that is opened, or made, with its first use; in any thread, beside other
    processes. Its uses raise schema.error for a file that cannot be used, sqlite3.Error."""

    def __init__(self, path: Path, schema: Schema) -> None:
        self._path = path
        self._schema = schema
        self._lock = threading.Lock()
        self._open: sqlite3.Connection | None = None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._open:
                self._open.close()
            self._open = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or nothing."""
        with self._lock, transaction(connection := self._connection()):
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Beside whoever writes."""
        with self._lock:
            self._connection()
        with closing(reader(self._path)) as connection:
            yield connection

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self._open = opened(self._path, self._schema)
        return self._open


def reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads, beside whoever writes, in any thread. To be closed."""
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA query_only=1")
    return connection


def plain(path: Path) -> sqlite3.Connection:
    """A connection that writes, to a file that is there, whatever it is; in autocommit. To be
    closed. What is deleted by it is overwritten."""
    connection = sqlite3.connect(path, timeout=5, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")
    return connection


def untouched(path: Path) -> closing[sqlite3.Connection]:
    """A file that is there, read without changing a byte of it. Raises sqlite3.Error."""
    return closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True))


def migrate(connection: sqlite3.Connection, path: Path, schema: Schema) -> None:
    """Make an empty file ours, or bring one of ours to today's version.

    connection: in autocommit (isolation_level=None). Raises schema.error for a file that is of
    another kind or newer than this program; sqlite3.Error for what the disk refuses.
    """
    if version_of(connection, path, schema) == schema.version:
        return
    with transaction(connection):
        # asked again: another process may have been faster
        for step in schema.steps[version_of(connection, path, schema) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id={schema.application}")
        connection.execute(f"PRAGMA user_version={schema.version}")


def version_of(connection: sqlite3.Connection, path: Path, schema: Schema) -> int:
    """The version of an open file; 0 of an empty one, and of ours from before it carried an id.

    Raises schema.error for a file that is of another kind or newer than this program.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application == schema.application:
        if version > schema.version:
            raise schema.error(
                f"The {schema.name} {path} was written by a newer Noise Tamer (format {version}, "
                f"this one knows {schema.version}): use the newer one."
            )
        return version
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    ours = not there or (schema.from_before and schema.from_before <= there)
    if (application, version) != (0, 0) or not ours:
        raise schema.error(_is_none(path, schema))
    return 0


@contextmanager
def told(path: Path, schema: Schema) -> Iterator[None]:
    """Turn what SQLite and the disk say into one sentence (schema.error)."""
    try:
        yield
    except sqlite3.Error as error:
        raise schema.error(_sentence(path, schema, error)) from None
    except OSError as error:
        raise schema.error(
            f"The {schema.name} {path} cannot be used ({error.strerror or error}): "
            f"name another place with {schema.option}."
        ) from None


def _sentence(path: Path, schema: Schema, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return (
            f"The disk of the {schema.name} {path} is full: free some space and run again, it "
            "goes on where it stopped."
        )
    if code == sqlite3.SQLITE_NOTADB:
        return _is_none(path, schema)
    if code == sqlite3.SQLITE_CORRUPT or str(error).startswith(_SPOILT):
        return damaged(path, schema, str(error))
    return (
        f"The {schema.name} {path} cannot be used ({error}): mend its rights or its disk, or "
        f"name another with {schema.option}."
    )


def damaged(path: Path, schema: Schema, what: str) -> str:
    return (
        f"The {schema.name} {path} is damaged ({what[:100]}): go back to the copy you keep, or "
        f"name another with {schema.option}."
    )


def _is_none(path: Path, schema: Schema) -> str:
    return f"{path}: is no {schema.name}; name the right one with {schema.option}."
