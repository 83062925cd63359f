"""What is set for each square, every version of it, and the picture its units are shown on."""

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from noisetamer.base import database
from noisetamer.base.database import Schema, SharedFile
from noisetamer.hub.squares.order import natural

SCHEMA = Schema(
    name="file of squares",
    application=0x4E545351,  # NTSQ
    option="--data",
    steps=(
        (
            # Every version of a setting; the newest holds. kind: 'escalation', 'camera', 'layout'.
            """CREATE TABLE setting(
              square TEXT, kind TEXT, version INTEGER, body TEXT NOT NULL, by TEXT NOT NULL,
              at REAL NOT NULL, PRIMARY KEY(square, kind, version)) WITHOUT ROWID""",
            """CREATE TRIGGER setting_kept BEFORE UPDATE ON setting
              BEGIN SELECT RAISE(ABORT, 'a setting is never overwritten'); END""",
            # The newest picture only: they are large.
            """CREATE TABLE plan(
              square TEXT PRIMARY KEY, picture BLOB NOT NULL, by TEXT NOT NULL, at REAL NOT NULL
              )""",
        ),
        (
            # sealed: SHA-256 of the version as it was, once a person is named in it no more.
            "ALTER TABLE setting ADD COLUMN sealed TEXT NOT NULL DEFAULT ''",
            "DROP TRIGGER setting_kept",
            """CREATE TRIGGER setting_kept BEFORE UPDATE ON setting
              WHEN NEW.sealed=OLD.sealed OR NEW.square!=OLD.square OR NEW.kind!=OLD.kind
              OR NEW.version!=OLD.version OR NEW.at!=OLD.at
              BEGIN SELECT RAISE(ABORT, 'a setting is never overwritten'); END""",
        ),
    ),
)


class Placed(Protocol):
    """What stands in a square; the registry's Unit."""

    @property
    def id(self) -> str: ...

    @property
    def square(self) -> str: ...


@dataclass(frozen=True)
class Setting:
    """One version of a setting. version: 1, 2, ...; by: who set it; at: when, Unix s."""

    version: int
    body: dict[str, Any]
    by: str
    at: float


def square_of(unit: Placed) -> str:
    """The square a unit stands in; one that is in none is a square for itself."""
    return unit.square or unit.id


class Squares(SharedFile):
    """The squares of one hub, in a file of their own. May be used by several threads.

    Every method raises UserError where the file cannot be used.
    """

    def __init__(self, file: Path) -> None:
        """Open or create; an older file is brought to today's version."""
        self._file = file
        super().__init__(file, SCHEMA)

    def names(self, units: Iterable[Placed]) -> list[str]:
        """Of the squares these units stand in, each once, in the order of their names."""
        return sorted({square_of(unit) for unit in units}, key=natural)

    def setting(self, square: str, kind: str) -> dict[str, Any] | None:
        """The newest of that kind; None where there was none."""
        newest = self._versions(square, kind, "ORDER BY version DESC LIMIT 1")
        return newest[0].body if newest else None

    def put(self, square: str, kind: str, body: dict[str, Any], by: str, at: float) -> int:
        """Set it; its version. Whoever owns that kind has looked at the body before.

        by: who does; at: when, Unix s.
        """
        text = json.dumps(body, ensure_ascii=False, allow_nan=False)
        with self._open() as connection:
            (version,) = connection.execute(
                "INSERT INTO setting(square, kind, version, body, by, at)"
                " SELECT ?1, ?2, coalesce(max(version), 0) + 1, ?3, ?4, ?5"
                " FROM setting WHERE square=?1 AND kind=?2 RETURNING version",
                (square, kind, text, by, at),
            ).fetchone()
        return version

    def history(self, square: str, kind: str) -> list[Setting]:
        """Every version, the newest first."""
        return self._versions(square, kind, "ORDER BY version DESC")

    def plan(self, square: str) -> bytes | None:
        """The picture of a square, PNG or JPEG; None where there is none."""
        rows = self._asked("SELECT picture FROM plan WHERE square=?", square)
        return rows[0][0] if rows else None

    def plans(self) -> dict[str, float]:
        """{square with a picture: since when, Unix s}."""
        return dict(self._asked("SELECT square, at FROM plan"))

    def put_plan(self, square: str, picture: bytes | None, by: str, at: float) -> None:
        """picture: as `plan.drawn_anew` made it; None: none any more. by, at: as of `put`."""
        with self._open() as connection:
            if picture is None:
                connection.execute("DELETE FROM plan WHERE square=?", (square,))
            else:
                connection.execute(
                    "INSERT INTO plan VALUES(?,?,?,?) ON CONFLICT(square) DO UPDATE SET"
                    " picture=excluded.picture, by=excluded.by, at=excluded.at",
                    (square, picture, by, at),
                )

    def _versions(self, square: str, kind: str, which: str) -> list[Setting]:
        asked = "SELECT version, body, by, at FROM setting WHERE square=? AND kind=? " + which
        rows = self._asked(asked, square, kind)
        return [Setting(version, json.loads(body), by, at) for version, body, by, at in rows]

    def _asked(self, query: str, *values: Any) -> list[Any]:
        with database.told(self._file, SCHEMA):
            return self._rows(query, *values)

    def _open(self) -> AbstractContextManager[database.Connection]:
        """To write: who only reads, as the hub's loop, does not wait for it."""
        return database.connected(self._file, SCHEMA)
