"""The complaints there are, in a file of their own."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

from noisetamer.base.database import SharedFile
from noisetamer.hub.complaints import desk_reading
from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.complaints.desk_reading import Reading
from noisetamer.hub.complaints.desk_tables import DeskTable
from noisetamer.hub.complaints.schema import FILE, SCHEMA

__all__ = ["FILE", "Complaints"]

_FIELDS = "id, square, at, source, number, place, side, text, unit, level"


class Complaints(SharedFile):
    """May be used by several threads. Raises database.Error where the disk refuses."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        """Open or create. clock: Unix s. Raises UserError for a file that is something else."""
        super().__init__(file, SCHEMA)
        self._clock = clock
        # what is deleted is overwritten, not only let go of
        self._do("PRAGMA secure_delete=ON")
        self._key: bytes = self._rows("SELECT key FROM key")[0][0]

    def add(
        self,
        complaints: Iterable[Complaint],
        of: Collection[str] | None = None,
        district: int | None = None,
    ) -> int:
        """How many of them were new: one of the same source with the same number comes once, and
        without a number one that is like another in everything. All of them, or none.

        of, district: the squares of whoever brings them, None: all; one of another district is
        none here, whatever its number.
        """
        new = 0
        with self.transaction():
            for one in complaints:
                same = self._same(one)
                if district is not None and of is not None and one.number:
                    rows = self._rows("SELECT square FROM complaint WHERE same=?", same)
                    if rows and rows[0][0] not in of:
                        same = self._hash([one.source, one.number, district])
                new += len(
                    self._rows(
                        "INSERT INTO complaint(square, at, source, number, place, side, text,"
                        " unit, level, told, seal, same) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"
                        " ON CONFLICT(same) DO NOTHING RETURNING id",
                        *astuple(one)[1:],
                        self._clock(),
                        self.seal_of(one),
                        same,
                    )
                )
        return new

    def clashing(
        self, complaints: Iterable[Complaint], of: Collection[str] | None = None
    ) -> list[Complaint]:
        """Those that `add` will take for another, by their number, though that was made at
        another time: the number is none of the desk's, or was used twice. of: whose squares are
        looked at, None: all."""
        found, times = [], dict[bytes, int]()
        for one in complaints:
            if not one.number:
                continue
            same = self._same(one)
            if same not in times:
                rows = self._rows("SELECT at, square FROM complaint WHERE same=?", same)
                known = rows and (of is None or rows[0][1] in of)
                times[same] = rows[0][0] if known else one.at
            if times[same] != one.at:
                found.append(one)
        return found

    def between(self, since: int, until: int, square: str | None = None) -> list[Complaint]:
        """Those of since <= at < until, the oldest first; square: of one only."""
        rows = self._rows(
            f"SELECT {_FIELDS} FROM complaint WHERE at>=? AND at<?"
            " AND (CAST(?3 AS TEXT) IS NULL OR square=?3) ORDER BY at, id",
            *(since, until, square),
        )
        return [Complaint(*row) for row in rows]

    def one(self, id: int) -> Complaint | None:
        rows = self._rows(f"SELECT {_FIELDS} FROM complaint WHERE id=?", id)
        return Complaint(*rows[0]) if rows else None

    def forget(self, ids: Iterable[int]) -> int:
        """Delete what was said, where it was heard and the desk's number; how many had any.

        That there was one, when, of which square and side, and its seal stay.
        """
        forgotten = 0
        with self.transaction():
            for id in ids:
                forgotten += len(
                    self._rows(
                        "UPDATE complaint SET number='', place='', text='', forgotten=?"
                        " WHERE id=? AND forgotten IS NULL RETURNING id",
                        *(self._clock(), id),
                    )
                )
        # a copy of the words would stand in the write-ahead log yet
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return forgotten

    def numbered(self, source: str, number: str) -> list[int]:
        """The ids of those with that number, before they were forgotten."""
        same = self._hash([source, number])
        query = "SELECT id FROM complaint WHERE same=? OR (source=? AND number=?) ORDER BY id"
        return [id for (id,) in self._rows(query, same, source, number)]

    def by_button(self, number: str) -> Complaint | None:
        """The one that somebody pressed, by the number he was told."""
        rows = self._rows(
            f"SELECT {_FIELDS} FROM complaint WHERE same=? AND number=?",
            *(self._hash(["button", number]), number),
        )
        return Complaint(*rows[0]) if rows else None

    def reading(self, table: DeskTable, district: int | None = None) -> Reading | None:
        """How the files of that desk were read last, in that district; None for one that is new
        there."""
        rows = self._rows("SELECT reading FROM desk WHERE signature=?", _desk(table, district))
        return desk_reading.read(json.loads(rows[0][0])) if rows else None

    def keep_reading(
        self, table: DeskTable, reading: Reading, by: str, district: int | None = None
    ) -> None:
        """by: who says so."""
        body = json.dumps(reading.body(), ensure_ascii=False)
        self._do(
            "INSERT INTO desk VALUES(?,?,?,?) ON CONFLICT(signature) DO UPDATE SET"
            " reading=excluded.reading, by=excluded.by, at=excluded.at",
            *(_desk(table, district), body, by, self._clock()),
        )

    def forgotten(self) -> frozenset[int]:
        """The ids of those whose words are deleted."""
        rows = self._rows("SELECT id FROM complaint WHERE forgotten IS NOT NULL")
        return frozenset(id for (id,) in rows)

    def seal(self, id: int) -> bytes | None:
        """As it was kept with that complaint, 32 bytes; None where there is no such."""
        rows = self._rows("SELECT seal FROM complaint WHERE id=?", id)
        return rows[0][0] if rows else None

    def seal_of(self, complaint: Complaint) -> bytes:
        """HMAC-SHA-256 of all that it says, with this file's key; its id does not count."""
        return self._hash(list(astuple(replace(complaint, id=0))))

    def _same(self, one: Complaint) -> bytes:
        return self._hash([one.source, one.number]) if one.number else self.seal_of(one)

    def _hash(self, what: list[Any]) -> bytes:
        text = json.dumps(what, ensure_ascii=True, separators=(",", ":"))
        return hmac.digest(self._key, text.encode(), hashlib.sha256)


def _desk(table: DeskTable, district: int | None) -> str:
    """A district's words for its squares are no other's."""
    return table.signature if district is None else f"district {district} {table.signature}"
