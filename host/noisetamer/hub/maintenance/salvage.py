"""What can still be read of a damaged database, row by row, around the pages that cannot."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from noisetamer.base.database import sqlite

# Beyond the last row that could be read, at most so far on in the last column of its key.
_FURTHEST = 1 << 40

Row = tuple[Any, ...]


def salvage(sources: list[Path], target: Path) -> dict[str, int]:
    """Make `target` anew from the first source, and what that lacks from the next.

    {table: rows}. sources: of the same version; the first may be damaged. Raises sqlite3.Error
    where not even the tables of one are known.
    """
    made: dict[str, int] = {}
    with closing(sqlite3.connect(target, isolation_level=None)) as new:
        later = _make_tables(sources, new)
        for source in sources:
            with suppress(sqlite3.Error), closing(sqlite.untouched(source)) as old:
                for table in _tables(new):
                    rows = _rows(old, table)
                    marks = ",".join("?" * len(_columns(new, table)))
                    new.execute("BEGIN")
                    for row in rows:
                        with suppress(sqlite3.Error):  # a row that no table takes
                            new.execute(
                                f"INSERT OR IGNORE INTO {_name(table)} VALUES({marks})", row
                            )
                    new.execute("COMMIT")
        for statement in later:
            with suppress(sqlite3.IntegrityError):
                new.execute(statement)
        for table in _tables(new):
            (made[table],) = new.execute(f"SELECT count(*) FROM {_name(table)}").fetchone()
    return made


def _make_tables(sources: list[Path], new: sqlite3.Connection) -> list[str]:
    """Indexes and triggers, for when the rows are there."""
    error: sqlite3.Error | None = None
    for source in sources:
        try:
            with closing(sqlite.untouched(source)) as old:
                made = old.execute(
                    "SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL"
                    " AND name NOT LIKE 'sqlite_%'"
                ).fetchall()
                for name in ("application_id", "user_version"):
                    (value,) = old.execute(f"PRAGMA {name}").fetchone()
                    new.execute(f"PRAGMA {name}={value}")
        except sqlite3.Error as found:
            error = error or found
            continue
        for kind, statement in made:
            if kind == "table":
                new.execute(statement)
        return [statement for kind, statement in made if kind != "table"]
    assert error is not None
    raise error


def _tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
    )
    return [name for (name,) in found.fetchall()]


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({_name(table)})")]


def _key(connection: sqlite3.Connection, table: str) -> list[str]:
    """By which its rows lie: of a table with a rowid that, else its primary key."""
    try:
        connection.execute(f"SELECT rowid FROM {_name(table)} WHERE 0")
    except sqlite3.OperationalError:
        told = connection.execute(f"PRAGMA table_info({_name(table)})").fetchall()
        return [_name(row[1]) for row in sorted(told, key=lambda row: row[5]) if row[5]]
    return ["rowid"]


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[Row]:
    """All that can be read, each once."""
    try:
        reader = _Reader(connection, table)
    except sqlite3.Error:
        return
    after: Row | None = None
    while True:
        for key, row in reader.forward(after):
            after = key
            yield row
        if reader.whole:
            return
        beyond = reader.beyond(after) if after else None
        # What lies just before the next that can be read; after the last of those, the end.
        for _, row in reader.backward(after, beyond):
            yield row
        if beyond is None:
            return
        after = beyond
        if (row := reader.one(beyond)) is not None:
            yield row


class _Reader:
    """whole: whether the last `forward` came to the end."""

    def __init__(self, connection: sqlite3.Connection, table: str) -> None:
        self._connection = connection
        self._table = _name(table)
        self._columns = ",".join(_name(name) for name in _columns(connection, table))
        self._key = _key(connection, table)
        self.whole = False

    def forward(self, after: Row | None) -> Iterator[tuple[Row, Row]]:
        """(key, row) of those after a key, until one cannot be read."""
        self.whole = False
        try:
            yield from self._select(after, None, "ASC")
            self.whole = True
        except sqlite3.Error:
            return

    def backward(self, after: Row | None, before: Row | None) -> Iterator[tuple[Row, Row]]:
        with suppress(sqlite3.Error):
            yield from self._select(after, before, "DESC")

    def one(self, key: Row) -> Row | None:
        same = " AND ".join(f"{name}=?" for name in self._key)
        with suppress(sqlite3.Error):
            return self._connection.execute(
                f"SELECT {self._columns} FROM {self._table} WHERE {same}", key
            ).fetchone()
        return None

    def beyond(self, after: Row) -> Row | None:
        """The key of the first row that can be read further on; None where there is none."""
        *same, last = after
        if not isinstance(last, int):
            return None
        step = 1
        while step < _FURTHEST:
            with suppress(sqlite3.Error):
                for key, _ in self._select((*same, last + step), None, "ASC"):
                    return key
                return None
            step *= 2
        return None

    def _select(
        self, after: Row | None, before: Row | None, order: str
    ) -> Iterator[tuple[Row, Row]]:
        key = ",".join(self._key)
        marks = ",".join("?" * len(self._key))
        conditions, values = [], []
        for sign, bound in ((">", after), ("<", before)):
            if bound is not None:
                conditions.append(f"({key}) {sign} ({marks})")
                values += bound
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        ordered = ",".join(f"{name} {order}" for name in self._key)
        n = len(self._key)
        for row in self._connection.execute(
            f"SELECT {key},{self._columns} FROM {self._table} {where} ORDER BY {ordered}", values
        ):
            yield tuple(row[:n]), tuple(row[n:])


def _name(name: str) -> str:
    return name if name == "rowid" else '"' + name.replace('"', '""') + '"'
