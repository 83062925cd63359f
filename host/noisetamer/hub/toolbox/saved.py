"""Questions that are asked again: toolbox.sqlite."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base.database import Schema, SharedFile
from noisetamer.base.errors import UserError

FILE = "toolbox.sqlite"
WAYS = ("sieve", "associate", "collide", "compare", "classify")
LONGEST_NAME = 80
MOST = 500

SCHEMA = Schema(
    name="saved questions of the hub",
    application=0x4E545442,  # NTTB
    option="--data",
    steps=(
        (
            # asked: the fields of its form; at: Unix s.
            """CREATE TABLE question(
              id INTEGER PRIMARY KEY AUTOINCREMENT, way TEXT NOT NULL, name TEXT NOT NULL,
              asked TEXT NOT NULL, by TEXT NOT NULL, at REAL NOT NULL)""",
        ),
        # of which district it is; the city's is of none
        ("ALTER TABLE question ADD COLUMN district INTEGER",),
    ),
)


@dataclass(frozen=True)
class Question:
    """way: of WAYS; asked: {field of its form: values}; by: account's name; at: Unix s; district:
    whose it is, None: the city's."""

    id: int
    way: str
    name: str
    asked: Mapping[str, Sequence[str]]
    by: str
    at: float
    district: int | None = None

    @property
    def squares(self) -> frozenset[str]:
        """Those that it names."""
        return frozenset(
            one for field, values in self.asked.items() if "square" in field for one in values
        )


class Saved(SharedFile):
    """May be used by several threads, one after the other. Raises database.Error."""

    def __init__(self, file: Path) -> None:
        """Open or create. Raises UserError for a file that is something else, or newer."""
        super().__init__(file, SCHEMA)

    def all(
        self, allowed: frozenset[str] | None = None, district: int | None = None
    ) -> list[Question]:
        """Those that name no square but these, by name. allowed: None: any; district: of that one
        alone."""
        rows = self._rows(
            "SELECT id, way, name, asked, by, at, district FROM question ORDER BY name, id"
        )
        found = [
            Question(id, way, name, json.loads(asked), by, at, of)
            for id, way, name, asked, by, at, of in rows
        ]
        return [
            one
            for one in found
            if (allowed is None or one.squares <= allowed) and district in (None, one.district)
        ]

    def one(self, id: int) -> Question | None:
        """None where there is none."""
        return next((one for one in self.all() if one.id == id), None)

    def add(
        self,
        way: str,
        name: str,
        asked: Mapping[str, Sequence[str]],
        by: str,
        at: float,
        district: int | None = None,
    ) -> int:
        """Its id; it takes the place of one's own of the same way and name. Raises UserError for
        a name that is none, and where there are too many."""
        name = " ".join(name.split())
        if not 1 <= len(name) <= LONGEST_NAME:
            raise UserError(f"A saved question has a name of 1 to {LONGEST_NAME} characters.")
        text = json.dumps({field: list(values) for field, values in asked.items()})
        with self.transaction():
            ((count,),) = self._rows("SELECT count(*) FROM question")
            if count >= MOST:
                raise UserError(f"{MOST} questions are saved already: delete some.")
            self._do("DELETE FROM question WHERE way=? AND name=? AND by=?", way, name, by)
            ((id,),) = self._rows(
                "INSERT INTO question(way, name, asked, by, at, district) VALUES(?,?,?,?,?,?)"
                " RETURNING id",
                *(way, name, text, by, at, district),
            )
        return id

    def delete(self, id: int) -> None:
        """Nothing, where it is gone already."""
        self._do("DELETE FROM question WHERE id=?", id)
