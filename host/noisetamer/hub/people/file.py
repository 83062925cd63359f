"""people.sqlite, readable by its owner only; a connection for each use, in any thread."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from noisetamer.base import database
from noisetamer.hub.people.schema import SCHEMA


class PeopleFile:
    """Both raise UserError where the file cannot be used."""

    def __init__(self, path: Path) -> None:
        """Open or create; an older file is brought to today's version."""
        self.path = path
        with database.told(path, SCHEMA):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            # Stays open: where the last one is closed, opening another asks for room on the disk,
            # and who is logged in shall see the page of a hub whose disk is full.
            self._anchor = sqlite3.connect(
                path, timeout=5, isolation_level=None, check_same_thread=False
            )
            self._anchor.execute("PRAGMA journal_mode=WAL")
            database.migrate(self._anchor, path, SCHEMA)
            self._anchor.execute("SELECT count(*) FROM account").fetchone()

    def close(self) -> None:
        self._anchor.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with (
            database.told(self.path, SCHEMA),
            closing(sqlite3.connect(self.path, timeout=5, isolation_level=None)) as connection,
        ):
            connection.execute("PRAGMA synchronous=FULL")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or nothing."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
