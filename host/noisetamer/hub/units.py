"""The registry: which units may report to this hub, and each one's secret."""

import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from noisetamer.errors import InputError

UNIT_ID = re.compile(r"[A-Z0-9-]{1,24}")
SIMULATED = "SIM-"

_TABLE = """
CREATE TABLE IF NOT EXISTS unit(
  id TEXT PRIMARY KEY, name TEXT NOT NULL, square TEXT NOT NULL, secret TEXT NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True)
class Unit:
    """One box. secret: its broker password, 256 random bits (stored: the broker needs it)."""

    id: str
    name: str
    square: str
    secret: str

    @property
    def simulated(self) -> bool:
        return self.id.startswith(SIMULATED)


class Units:
    """The units of one hub, in a file of its own that only its owner can read."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        with self._open() as connection:
            connection.execute(_TABLE)

    def enrol(self, id: str, name: str = "", square: str = "") -> str:
        """The unit's secret; made on the first call, the same ever after.

        A running hub notices a new unit within a second or two.
        Raises InputError for an id that cannot be part of a topic.
        """
        if not UNIT_ID.fullmatch(id):
            raise InputError(
                f"{id!r} is no unit id: use 1 to 24 of A-Z, 0-9 and '-', for example SIM-0001."
            )
        with self._open() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO unit VALUES(?,?,?,?)",
                (id, name, square, secrets.token_urlsafe(32)),
            )
            row = connection.execute("SELECT secret FROM unit WHERE id=?", (id,)).fetchone()
        return row[0]

    def all(self) -> list[Unit]:
        """Every unit, in the order of their ids."""
        with self._open() as connection:
            rows = connection.execute("SELECT id, name, square, secret FROM unit ORDER BY id")
            return [Unit(*row) for row in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._file, timeout=5, isolation_level=None)
        try:
            yield connection
        finally:
            connection.close()
