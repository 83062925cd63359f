"""The audit log: who did what, when, from where and why; only ever added to.

Each row carries the SHA-256 of the row before it and of itself, so a row that was changed, taken
out or put in shows, unless all rows behind it were made anew as well: keep the last hash
elsewhere (`Audit.head`) and that shows too.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from noisetamer.base import database
from noisetamer.hub.people.file import PeopleFile

BEGINNING = bytes(32)
FORGOTTEN = "person_forgotten"
# by, reason, detail, ip
_EMPTY = ("", "", "{}", "")


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
            emptied = _emptied(connection)
            for row in connection.execute(
                "SELECT n, at, by, what, target, reason, detail, ip, hash FROM audit ORDER BY n"
            ):
                if row[0] != expected:
                    return f"row {expected} is missing"
                hash = _linked(hash, row[:-1])
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
) -> None:
    """Add a row, within a transaction of the caller: what it tells of happens with it."""
    n, hash = _head(connection)
    by, what, target, reason = By(_text(by.name), by.ip), *map(_text, (what, target, reason))
    text = _text(json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True))
    # as the file gives it back
    row = (n + 1, float(at), by.name, what, target, reason, text, by.ip)
    connection.execute("INSERT INTO audit VALUES(?,?,?,?,?,?,?,?,?)", (*row, _linked(hash, row)))


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


def _linked(before: bytes, row: tuple[object, ...]) -> bytes:
    told = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(before + told.encode()).digest()


def _entry(row: tuple[int, float, str, str, str, str, str, str, bytes]) -> Entry:
    n, at, by, what, target, reason, detail, ip, hash = row
    return Entry(n, at, by, what, target, reason, json.loads(detail), ip, hash)
