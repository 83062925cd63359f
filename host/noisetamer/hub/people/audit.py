"""The audit log: who did what, when, from where and why; only ever added to.

Each row carries the SHA-256 of the row before it and of itself, so a row that was changed, taken
out or put in shows, unless all rows behind it were made anew as well: keep the last hash
elsewhere (`Audit.head`) and that shows too.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from noisetamer.hub.people.file import PeopleFile

BEGINNING = bytes(32)


@dataclass(frozen=True)
class By:
    """Who did it. name: of an account, "hub" or "command line"; ip: from where, "" here."""

    name: str
    ip: str = ""


HUB = By("hub")
COMMAND_LINE = By("command line")


@dataclass(frozen=True)
class Entry:
    """n: 1, 2, ...; at: Unix s; what: a word such as "role"; target: to whom or to what."""

    n: int
    at: float
    by: str
    what: str
    target: str
    reason: str
    detail: Mapping[str, object]
    ip: str
    hash: bytes


class Audit:
    """The log in the register of people."""

    def __init__(self, file: PeopleFile) -> None:
        self._file = file

    def entries(
        self, by: str = "", what: str = "", target: str = "", before: int = 0, most: int = 100
    ) -> list[Entry]:
        """The newest first, those before number `before`; target: a part of it."""
        where, values = ["1"], []
        for column, value in (("by", by), ("what", what)):
            if value:
                where.append(f"{column}=?")
                values.append(value)
        if target:
            where.append("instr(lower(target), lower(?))")
            values.append(target)
        if before:
            where.append("n<?")
            values.append(before)
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT n, at, by, what, target, reason, detail, ip, hash FROM audit "
                f"WHERE {' AND '.join(where)} ORDER BY n DESC LIMIT ?",
                (*values, most),
            ).fetchall()
        return [_entry(row) for row in rows]

    def words(self) -> tuple[list[str], list[str]]:
        """All who ever did something, and all kinds of what, each in order."""
        with self._file.reading() as connection:
            by, what = (
                [name for (name,) in connection.execute(f"SELECT DISTINCT {c} FROM audit")]
                for c in ("by", "what")
            )
        return sorted(by), sorted(what)

    def head(self) -> tuple[int, bytes]:
        """Number and hash of the last row; 0 and BEGINNING of an empty log."""
        with self._file.reading() as connection:
            return _head(connection)

    def verify(self) -> str:
        """'' when every row follows from the one before; else which one does not."""
        hash, expected = BEGINNING, 1
        with self._file.reading() as connection:
            for row in connection.execute(
                "SELECT n, at, by, what, target, reason, detail, ip, hash FROM audit ORDER BY n"
            ):
                if row[0] != expected:
                    return f"row {expected} is missing"
                hash = _linked(hash, row[:-1])
                if hash != row[-1]:
                    return f"row {expected} is not what was written"
                expected += 1
        return ""


def append(
    connection: sqlite3.Connection,
    at: float,
    by: By,
    what: str,
    target: str = "",
    reason: str = "",
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add a row, within a transaction of the caller: what it tells of happens with it."""
    n, hash = _head(connection)
    by, what, target, reason = By(_text(by.name), by.ip), *map(_text, (what, target, reason))
    text = _text(json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True))
    # as the file gives it back
    row = (n + 1, float(at), by.name, what, target, reason, text, by.ip)
    connection.execute("INSERT INTO audit VALUES(?,?,?,?,?,?,?,?,?)", (*row, _linked(hash, row)))


def _text(text: str) -> str:
    """Without halves of characters, which a disk does not take."""
    return text.encode("utf-8", "replace").decode()


def _head(connection: sqlite3.Connection) -> tuple[int, bytes]:
    row = connection.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
    return row or (0, BEGINNING)


def _linked(before: bytes, row: tuple[object, ...]) -> bytes:
    told = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(before + told.encode()).digest()


def _entry(row: tuple[int, float, str, str, str, str, str, str, bytes]) -> Entry:
    n, at, by, what, target, reason, detail, ip, hash = row
    return Entry(n, at, by, what, target, reason, json.loads(detail), ip, hash)
