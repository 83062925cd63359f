"""The audit log: who did what, when, from where and why; only ever added to.

Each row carries the SHA-256 of the row before it and of itself, so a row that was changed, taken
out or put in shows, unless all rows behind it were made anew as well: keep the last hash
elsewhere (`Audit.head`) and that shows too.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from noisetamer.base import database
from noisetamer.hub.people.file import PeopleFile

BEGINNING = bytes(32)
FORGOTTEN = "person_forgotten"
# by, reason, detail, ip
_EMPTY = ("", "", "{}", "")
_COLUMNS = "n, at, by, what, target, reason, detail, ip, district, hash"


@dataclass(frozen=True)
class By:
    """Who did it. name: of an account, "hub" or "command line"; ip: from where, "" here."""

    name: str
    ip: str = ""


HUB = By("hub")
COMMAND_LINE = By("command line")


@dataclass(frozen=True)
class Entry:
    """n: 1, 2, ...; at: Unix s; what: a word such as "role"; target: to whom or to what;
    district: in which, None: of the city."""

    n: int
    at: float
    by: str
    what: str
    target: str
    reason: str
    detail: Mapping[str, object]
    ip: str
    district: int | None
    hash: bytes


class Audit:
    """The log in the register of people."""

    def __init__(self, file: PeopleFile) -> None:
        self._file = file

    def entries(
        self,
        by: str = "",
        what: str = "",
        target: str = "",
        before: int = 0,
        most: int = 100,
        district: int | None = None,
    ) -> list[Entry]:
        """The newest first, those before number `before`; target: a part of it; district: of that
        one alone."""
        where, values = ["TRUE"], list[object]()
        if district is not None:
            where.append("district=?")
            values.append(district)
        for column, value in (("by", by), ("what", what)):
            if value:
                where.append(f"{column}=?")
                values.append(value)
        if target:
            where.append("instr(lower(target), lower(?)) > 0")
            values.append(target)
        if before:
            where.append("n<?")
            values.append(before)
        with self._file.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM audit "
                f"WHERE {' AND '.join(where)} ORDER BY n DESC LIMIT ?",
                (*values, most),
            ).fetchall()
        return [_entry(row) for row in rows]

    def words(self, district: int | None = None) -> tuple[list[str], list[str]]:
        """All who ever did something, and all kinds of what, each in order; district: there."""
        where, values = ("", ()) if district is None else (" WHERE district=?", (district,))
        with self._file.reading() as connection:
            by, what = (
                [
                    name
                    for (name,) in connection.execute(
                        f"SELECT DISTINCT {column} FROM audit{where}", values
                    )
                ]
                for column in ("by", "what")
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
            emptied = _emptied(connection)
            for row in connection.execute(f"SELECT {_COLUMNS} FROM audit ORDER BY n"):
                if row[0] != expected:
                    return f"row {expected} is missing"
                hash = _linked(hash, row[:8], row[8])
                if row[0] in emptied and (row[2], *row[5:8]) == _EMPTY:
                    hash = row[-1]  # what it was made of is gone; the rows behind hold it
                if hash != row[-1]:
                    return f"row {expected} is not what was written"
                expected += 1
        return ""


def append(
    connection: database.Connection,
    at: float,
    by: By,
    what: str,
    target: str = "",
    reason: str = "",
    detail: Mapping[str, object] | None = None,
    district: int | Literal["by whom and where"] | None = "by whom and where",
    square: str = "",
) -> None:
    """Add a row, within a transaction of the caller: what it tells of happens with it.

    district: in which it was; else that of whoever did it, of the square, or of the account or
    square that is its target. square: where it was done, as far as the caller knows.
    """
    n, hash = _head(connection)
    by, what, target, reason = By(_text(by.name), by.ip), *map(_text, (what, target, reason))
    if district == "by whom and where":
        district = _district(connection, by.name, target, square, detail or {})
    text = _text(json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True))
    # as the file gives it back
    row = (n + 1, float(at), by.name, what, target, reason, text, by.ip)
    connection.execute(
        f"INSERT INTO audit({_COLUMNS}) VALUES(?,?,?,?,?,?,?,?,?,?)",
        (*row, district, _linked(hash, row, district)),
    )


def _district(
    connection: database.Connection,
    by: str,
    target: str,
    square: str,
    detail: Mapping[str, object],
) -> int | None:
    """Whoever is of a district acts there only; what others do is told where it was done."""
    if connection.execute("SELECT 1 FROM district LIMIT 1").fetchone() is None:
        return None
    own = "SELECT district FROM account WHERE name=? AND district IS NOT NULL"
    there = "SELECT district FROM district_square WHERE square=?"
    # "SQUARE #INCIDENT" is how pictures and bundles are named
    places = (square, str(detail.get("square", "")), target, target.rpartition(" #")[0])
    asked = ((own, by), *((there, place) for place in places if place), (own, target))
    for query, value in asked:
        if (row := connection.execute(query, (value,)).fetchone()) is not None:
            return row[0]
    return None


def forget(
    connection: database.Connection,
    is_about: Callable[[dict[str, object]], bool],
    at: float,
    by: By,
) -> int:
    """Empty every row that is about a person, within a transaction of the caller; how many.

    That something of that kind was done, when, and its hash stay: the chain is as it was, and a
    row of its own says which were emptied. Whoever has the row (in a leaf, in a bundle) proves it
    by that hash.
    """
    cursor = connection.execute(
        "SELECT n, at, by, what, target, reason, detail, ip FROM audit ORDER BY n"
    )
    names = [column[0] for column in cursor.description]
    found = [row for values in cursor if is_about(row := dict(zip(names, values, strict=True)))]
    if found:
        numbers = [row["n"] for row in found]
        append(connection, at, by, FORGOTTEN, detail={"rows": numbers})
    for row in found:
        connection.execute(
            "UPDATE audit SET by='', reason='', detail='{}', ip='', target=? WHERE n=?",
            (
                "" if is_about({**row, "by": "", "reason": "", "detail": "{}"}) else row["target"],
                row["n"],
            ),
        )
    return len(found)


def _emptied(connection: database.Connection) -> set[int]:
    """The rows that others say were emptied; they are in the chain themselves."""
    return {
        n
        for (detail,) in connection.execute("SELECT detail FROM audit WHERE what=?", (FORGOTTEN,))
        for n in json.loads(detail).get("rows", [])
    }


def _text(text: str) -> str:
    """Without halves of characters, which a disk does not take."""
    return text.encode("utf-8", "replace").decode()


def _head(connection: database.Connection) -> tuple[int, bytes]:
    row = connection.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
    return row or (0, BEGINNING)


def _linked(before: bytes, row: tuple[object, ...], district: int | None) -> bytes:
    """A row of the city's is what it was before there were districts."""
    told = json.dumps(
        row if district is None else (*row, district), ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(before + told.encode()).digest()


def _entry(
    row: tuple[int, float, str, str, str, str, str, str, int | None, bytes],
) -> Entry:
    n, at, by, what, target, reason, detail, ip, district, hash = row
    return Entry(n, at, by, what, target, reason, json.loads(detail), ip, district, hash)
