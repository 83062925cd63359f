"""people.sqlite, readable by its owner only; a connection for each use, in any thread."""

from collections.abc import Iterator
from contextlib import contextmanager
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
            # Stays open: where the last one is closed, opening another asks for room on the disk,
            # and who is logged in shall see the page of a hub whose disk is full.
            self._anchor = database.opened(path, SCHEMA)
            self._anchor.execute("SELECT count(*) FROM account").fetchone()

    def close(self) -> None:
        self._anchor.close()

    @contextmanager
    def reading(self) -> Iterator[database.Connection]:
        with database.connected(self.path, SCHEMA) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[database.Connection]:
        """One transaction: all of it, or nothing."""
        with self.reading() as connection, database.transaction(connection):
            yield connection
