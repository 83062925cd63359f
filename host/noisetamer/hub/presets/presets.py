"""Presets of one hub, every version of them, and which square is held to which."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base.database import Schema, SharedFile
from noisetamer.base.errors import UserError

FILE = "presets.sqlite"
LONGEST_NAME = 64

SCHEMA = Schema(
    name="file of presets",
    application=0x4E545053,  # NTPS
    option="--data",
    steps=(
        (
            # The newest version holds. policy: TOML; calls: the escalation plan, JSON.
            """CREATE TABLE preset(
              name TEXT, version INTEGER, policy TEXT NOT NULL, calls TEXT NOT NULL,
              by TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY(name, version)) WITHOUT ROWID""",
            """CREATE TRIGGER preset_kept BEFORE UPDATE ON preset
              BEGIN SELECT RAISE(ABORT, 'a preset is never overwritten'); END""",
            """CREATE TABLE held(
              square TEXT PRIMARY KEY, preset TEXT NOT NULL, by TEXT NOT NULL, at REAL NOT NULL
              ) WITHOUT ROWID""",
        ),
        (
            # sealed: SHA-256 of the version as it was, once a person is named in it no more.
            "ALTER TABLE preset ADD COLUMN sealed TEXT NOT NULL DEFAULT ''",
            "DROP TRIGGER preset_kept",
            """CREATE TRIGGER preset_kept BEFORE UPDATE ON preset
              WHEN NEW.sealed=OLD.sealed OR NEW.name!=OLD.name OR NEW.version!=OLD.version
              OR NEW.policy!=OLD.policy OR NEW.at!=OLD.at
              BEGIN SELECT RAISE(ABORT, 'a preset is never overwritten'); END""",
        ),
    ),
)


@dataclass(frozen=True)
class Preset:
    """policy: its text, TOML; calls: an escalation plan as a square's setting has it; version: 1,
    2, ...; by, at: who made it, Unix s.
    """

    name: str
    version: int
    policy: str
    calls: dict[str, Any]
    by: str
    at: float


class Presets(SharedFile):
    """presets.sqlite; from any thread. Raises database.Error."""

    def __init__(self, file: Path) -> None:
        """Open or create. Raises UserError for a file that is something else, or newer."""
        super().__init__(file, SCHEMA)

    def all(self) -> list[Preset]:
        """The newest version of each, by name."""
        rows = self._rows(
            "SELECT name, version, policy, calls, by, at FROM preset WHERE (name, version) IN"
            " (SELECT name, max(version) FROM preset GROUP BY name) ORDER BY name"
        )
        return [
            Preset(name, version, policy, json.loads(calls), by, at)
            for name, version, policy, calls, by, at in rows
        ]

    def put(self, name: str, policy: str, calls: dict[str, Any], by: str, at: float) -> None:
        """Make one, or its next version. Raises UserError for a name that is none."""
        name = " ".join(name.split())
        if not 0 < len(name) <= LONGEST_NAME:
            raise UserError(f"a preset's name has 1 to {LONGEST_NAME} characters")
        with self.transaction():
            self._connection.execute(
                "INSERT INTO preset(name, version, policy, calls, by, at)"
                " SELECT ?1, coalesce(max(version), 0) + 1, ?2, ?3, ?4, ?5"
                " FROM preset WHERE name=?1",
                (name, policy, json.dumps(calls, ensure_ascii=False), by, at),
            )

    def held(self) -> dict[str, str]:
        """{square: the preset it is held to}."""
        return dict(self._rows("SELECT square, preset FROM held"))

    def hold(self, square: str, preset: str, by: str, at: float) -> None:
        """From now on; preset "": to none. Raises UserError where there is no such preset."""
        with self.transaction():
            if not preset:
                self._connection.execute("DELETE FROM held WHERE square=?", (square,))
                return
            if not self._rows("SELECT 1 FROM preset WHERE name=?", preset):
                raise UserError(f"there is no preset {preset}")
            self._connection.execute(
                "INSERT INTO held VALUES(?,?,?,?) ON CONFLICT(square) DO UPDATE SET"
                " preset=excluded.preset, by=excluded.by, at=excluded.at",
                (square, preset, by, at),
            )
