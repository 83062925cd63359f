"""Our SQLite files: told from any other, and brought from every earlier version to today's.

A file carries its kind in `PRAGMA application_id` and its version in `PRAGMA user_version`. A new
file takes all steps, an old one those it lacks, in one transaction: killed on the way, it is as
it was. Append a step to change a schema; never edit one that has been released.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from noisetamer.base.database.connection import Column, transaction
from noisetamer.base.database.schema import Schema

# What a file is opened as.
Opened = sqlite3.Connection
# What SQLite's module says, without a code, of a file spoilt inside.
_SPOILT = ("malformed", "Could not decode")


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

    Raises schema.error for a file that is something else, or newer, and it is as it was;
    sqlite3.Error, OSError.
    """
    made_private(path)
    connection = sqlite3.connect(
        path, timeout=5, isolation_level=None, check_same_thread=False, factory=Opened
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


def prepared(path: Path, schema: Schema) -> None:
    """Make it where it is missing, or bring it to today's version. Raises as `opened` does."""
    made_private(path)
    with connected(path) as connection:
        migrate(connection, path, schema)


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection of its own for one use, to a file that was `opened` before; in autocommit."""
    with closing(
        sqlite3.connect(path, timeout=5, isolation_level=None, factory=Opened)
    ) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        yield connection


def reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads, beside whoever writes, in any thread. To be closed."""
    connection = sqlite3.connect(
        path, timeout=5, isolation_level=None, check_same_thread=False, factory=Opened
    )
    connection.execute("PRAGMA query_only=1")
    return connection


def plain(path: Path) -> sqlite3.Connection:
    """A connection that writes, to a file that is there, whatever it is; in autocommit. To be
    closed. What is deleted by it is overwritten."""
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, factory=Opened)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA secure_delete=ON")
    return connection


def untouched(path: Path) -> sqlite3.Connection:
    """A file that is there, read without changing a byte of it. To be closed. Raises
    sqlite3.Error."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, factory=Opened)


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


def sentence(path: Path, schema: Schema, error: sqlite3.Error) -> str:
    """What SQLite says, for whoever can mend it."""
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


def changes(path: Path) -> list[int]:
    """Of a file and what is beside it: others where anything was written."""
    found: list[int] = []
    for one in (path, path.with_name(path.name + "-wal")):
        with suppress(OSError):
            state = one.stat()
            found += [state.st_mtime_ns, state.st_size]
    return found


def size(path: Path) -> int:
    """Of a file and its log, bytes."""
    files = (path, path.with_name(path.name + "-wal"))
    return sum(one.stat().st_size for one in files if one.exists())


def columns(connection: sqlite3.Connection, table: str) -> list[Column]:
    """Of a table, in order; none of one that is not there."""
    return [
        Column(name, bool(key), type.upper() == "BLOB")
        for _, name, type, _, _, key in connection.execute(f'PRAGMA table_info("{table}")')
    ]


def damaged(path: Path, schema: Schema, what: str) -> str:
    return (
        f"The {schema.name} {path} is damaged ({what[:100]}): go back to the copy you keep, or "
        f"name another with {schema.option}."
    )


def _is_none(path: Path, schema: Schema) -> str:
    return f"{path}: is no {schema.name}; name the right one with {schema.option}."
