"""The ledger's file: SQLite, one writer at a time, rows that can be added and nothing else."""

import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.errors import UserError

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


_WANTED = "id INTEGER PRIMARY KEY, at TEXT NOT NULL, batch TEXT NOT NULL, units INTEGER NOT NULL"


_CHAIN_KEY = """
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, serial TEXT NOT NULL REFERENCES unit(serial),
    fingerprint TEXT NOT NULL, first_link TEXT NOT NULL, sealed BLOB NOT NULL,
    UNIQUE(serial, fingerprint)"""


def _only_grows(table: str) -> tuple[str, ...]:
    return tuple(
        f"CREATE TRIGGER {table}_{change} BEFORE {change} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END"
        for change in ("UPDATE", "DELETE")
    )


class LedgerError(UserError):
    """The ledger itself cannot go on: nothing may be done to any unit without it."""


SCHEMA = database.Schema(
    name="ledger",
    application=0x4E544C47,  # NTLG
    option="--ledger",
    steps=(
        (
            *(f"CREATE TABLE {name}({columns})" for name, columns in _TABLES.items()),
            *(trigger for name in _TABLES for trigger in _only_grows(name)),
            "CREATE INDEX entry_of ON entry(serial, step)",
        ),
        # How many units a batch is to have.
        (f"CREATE TABLE wanted({_WANTED})", *_only_grows("wanted")),
        # Keys of units' chains, and the link with which each begins. sealed: '' of the first,
        # which is among the unit's secrets.
        (f"CREATE TABLE chain_key({_CHAIN_KEY})", *_only_grows("chain_key")),
    ),
    error=LedgerError,
)


def opened(path: Path, writing: bool) -> sqlite3.Connection:
    """Open the file; make it when it is to be written. Raises LedgerError."""
    with ledger_errors(path):
        if not writing and not path.exists():
            raise LedgerError(f"There is no ledger {path}: name yours with --ledger.")
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=5, isolation_level=None, check_same_thread=False
        )
        try:
            database.migrate(connection, path, SCHEMA)
            # A serial that was given away must be on the disk before it is on a box.
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
        except BaseException:
            connection.close()
            raise
    return connection


def ledger_errors(path: Path) -> AbstractContextManager[None]:
    """Turn what SQLite and the disk say into one sentence (LedgerError)."""
    return database.told(path, SCHEMA)


def lock(path: Path) -> sqlite3.Connection:
    """Keep every other writer out until the connection is closed, or this process has ended.

    A file of its own, so that readers are not kept out. SQLite's lock is the operating
    system's, on every platform: a killed host leaves none behind. Raises LedgerError.
    """
    file = path.with_name(path.name + ".lock")
    with ledger_errors(path):
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
