"""The ledger's file: SQLite, one writer at a time, rows that can be added and nothing else."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from noisetamer.base.errors import UserError

VERSION = 1
# Tells our file from any other SQLite file.
APPLICATION = 0x4E544C47

_TABLES = {
    "entry": """
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, serial TEXT NOT NULL, step TEXT NOT NULL,
        outcome TEXT NOT NULL, facts TEXT NOT NULL""",
    # One row a board, for ever: its MAC has one serial, and a serial one MAC.
    "unit": """
        serial TEXT PRIMARY KEY, batch TEXT NOT NULL, counter INTEGER NOT NULL,
        mac TEXT NOT NULL UNIQUE, at TEXT NOT NULL, claim TEXT NOT NULL, secrets BLOB NOT NULL,
        replaces TEXT UNIQUE REFERENCES unit(serial), UNIQUE(batch, counter)""",
    "setup": """
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, serial TEXT NOT NULL REFERENCES unit(serial),
        sealed BLOB NOT NULL""",
    "image": "name TEXT PRIMARY KEY, at TEXT NOT NULL, sha256 TEXT NOT NULL",
    "key": "id INTEGER PRIMARY KEY CHECK(id = 1), fingerprint TEXT NOT NULL",
}


class LedgerError(UserError):
    """The ledger itself cannot go on: nothing may be done to any unit without it."""


def opened(path: Path, writing: bool) -> sqlite3.Connection:
    """Open the file; make it when it is to be written. Raises LedgerError."""
    with told(path):
        if not writing and not path.exists():
            raise LedgerError(f"There is no ledger {path}: name yours with --ledger.")
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=5, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (application, version, tables) == (0, 0, 0):
        _make(connection)
    elif application != APPLICATION:
        raise LedgerError(f"{path} is no ledger: name yours with --ledger.")
    elif version > VERSION:
        raise LedgerError(
            f"The ledger {path} was written by a newer Noise Tamer (format {version}, this one "
            f"knows {VERSION}): use the newer one."
        )
    # A serial that was given away must be on the disk before it is on a box.
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _make(connection: sqlite3.Connection) -> None:
    """All of it or nothing: a killed host leaves an empty file, which is made again."""
    connection.execute("BEGIN IMMEDIATE")
    for name, columns in _TABLES.items():
        connection.execute(f"CREATE TABLE {name}({columns})")
        for change in ("UPDATE", "DELETE"):
            connection.execute(
                f"CREATE TRIGGER {name}_{change} BEFORE {change} ON {name} "
                "BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END"
            )
    connection.execute("CREATE INDEX entry_of ON entry(serial, step)")
    connection.execute(f"PRAGMA application_id={APPLICATION}")
    connection.execute(f"PRAGMA user_version={VERSION}")
    connection.execute("COMMIT")


def lock(path: Path) -> sqlite3.Connection:
    """Keep every other writer out until the connection is closed, or this process has ended.

    A file of its own, so that readers are not kept out. SQLite's lock is the operating
    system's, on every platform: a killed host leaves none behind. Raises LedgerError.
    """
    file = path.with_name(path.name + ".lock")
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(file, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            connection.close()
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            raise LedgerError(
                f"Another run is writing to the ledger {path}: wait until it has ended, or "
                "give this one a ledger of its own with --ledger."
            ) from None
    return connection


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what SQLite and the disk say into one sentence (LedgerError)."""
    try:
        yield
    except sqlite3.Error as error:
        raise LedgerError(_sentence(path, error)) from None
    except OSError as error:
        raise LedgerError(
            f"The ledger {path} cannot be used ({error.strerror or error}): "
            "name another place with --ledger."
        ) from None


def _sentence(path: Path, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return (
            f"The disk of the ledger {path} is full: free some space and run again, it goes on "
            "where it stopped."
        )
    if code == sqlite3.SQLITE_NOTADB:
        return f"{path} is no ledger: name yours with --ledger."
    return (
        f"The ledger {path} cannot be used ({error}): mend its rights or its disk, or name "
        "another with --ledger."
    )
