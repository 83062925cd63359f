"""A store's rows, table by table: read from one place, put into another, and compared.

All values are brought to what the table's column is declared as: SQLite would keep any, and a
server takes no text with a NUL in it.
"""

import hashlib
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from noisetamer.base.database.connection import Connection, transaction
from noisetamer.base.database.schema import Schema

_AT_ONCE = 2000


@dataclass(frozen=True)
class Table:
    """types: INTEGER, REAL, TEXT or BLOB of each column; counted: the column that numbers its
    rows, "" where none does."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    counted: str


@dataclass(frozen=True)
class Sum:
    """What a table holds: rows, and a digest over them that does not ask for their order."""

    rows: int
    digest: str


def tables(schema: Schema) -> list[Table]:
    """As its steps make them."""
    found = []
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        for step in schema.steps:
            for statement in step:
                model.execute(statement)
        for (name,) in model.execute(
            "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
            " ORDER BY name"
        ).fetchall():
            rows = model.execute(f'PRAGMA table_info("{name}")').fetchall()
            keys = [row for row in rows if row[5]]
            alone = len(keys) == 1 and keys[0][2].upper() == "INTEGER"
            columns, types = zip(*((row[1], row[2].upper()) for row in rows), strict=True)
            found.append(Table(name, columns, types, keys[0][1] if alone else ""))
    return found


def make_days(source: Connection, target: Connection, schema: Schema) -> None:
    """Where the target is on a server, room for the days that the source has. Raises Error."""
    if isinstance(target, sqlite3.Connection):
        return
    from noisetamer.base.database import days

    for name, by_day in schema.by_day.items():
        if not by_day.added:
            told = source.execute(
                f'SELECT DISTINCT "{by_day.column}" / {by_day.each} FROM "{name}"'
            ).fetchall()
            days.make(target, name, by_day, {day for (day,) in told})


def rows(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    """All of them, one after the other, in any order. In a transaction, or `one_moment`."""
    told = [_AS[type] for type in table.types]
    for row in _raw_rows(connection, table):
        yield tuple(
            None if value is None else each(value) for each, value in zip(told, row, strict=True)
        )


def fill(
    connection: Connection,
    table: Table,
    found: Iterator[tuple[Any, ...]],
    last: int,
    told: Callable[[int], None],
) -> Sum:
    """Put rows in the place of all that are there. last: the highest number that the table has
    given out; told: called with how many rows are in, now and then."""
    adding = _Adding(found, told)
    with transaction(connection):
        if isinstance(connection, sqlite3.Connection):
            marks = ", ".join("?" * len(table.columns))
            connection.execute(f'DELETE FROM "{table.name}"')
            connection.executemany(f'INSERT INTO "{table.name}" VALUES({marks})', adding)
            if last and _counts_on(connection):
                connection.execute("DELETE FROM sqlite_sequence WHERE name=?", (table.name,))
                connection.execute("INSERT INTO sqlite_sequence VALUES(?,?)", (table.name, last))
        else:
            _copy_in(connection, table, adding, last)
    return adding.sum()


def summed(connection: Connection, table: Table) -> Sum:
    """In a transaction, or `one_moment`."""
    adding = _Adding(rows(connection, table), lambda count: None)
    for _ in adding:
        pass
    return adding.sum()


def last_number(connection: Connection, table: Table) -> int:
    """The highest that a table has given out to a row; 0 where it has given out none."""
    if not table.counted:
        return 0
    (highest,) = connection.execute(
        f'SELECT coalesce(max("{table.counted}"), 0) FROM "{table.name}"'
    ).fetchone()
    if isinstance(connection, sqlite3.Connection):
        row = None
        if _counts_on(connection):
            row = connection.execute(
                "SELECT seq FROM sqlite_sequence WHERE name=?", (table.name,)
            ).fetchone()
        return max(highest, row[0] if row else 0)
    sequence = _sequence(connection, table)
    said = connection.within(  # type: ignore[attr-defined]
        lambda raw: raw.execute(f"SELECT last_value, is_called FROM {sequence}").fetchone()
    )
    return max(highest, said[0] if said[1] else 0)


class _Adding:
    """Rows as they pass by, summed up."""

    def __init__(self, found: Iterator[tuple[Any, ...]], told: Callable[[int], None]) -> None:
        self._found = found
        self._told = told
        self._rows = 0
        self._digest = 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self._found:
            self._rows += 1
            self._digest += _number(row)
            if self._rows % _AT_ONCE == 0:
                self._told(self._rows)
            yield row

    def sum(self) -> Sum:
        return Sum(self._rows, f"{self._digest % (1 << 128):032x}")


def _number(row: tuple[Any, ...]) -> int:
    found = hashlib.blake2b(digest_size=16)
    for value in row:
        match value:
            case None:
                found.update(b"-")
            case bool() | int():
                found.update(b"i%d," % value)
            case float():
                found.update(b"f" + struct.pack("<d", value))
            case str():
                raw = value.encode("utf-8", "surrogatepass")
                found.update(b"t%d," % len(raw) + raw)
            case _:
                found.update(b"b%d," % len(value) + value)
    return int.from_bytes(found.digest(), "big")


def _as_text(value: Any) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text.replace("\0", "\ufffd")


def _as_bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


_AS: dict[str, Callable[[Any], Any]] = {
    "INTEGER": int,
    "REAL": float,
    "TEXT": _as_text,
    "BLOB": _as_bytes,
}
_ON_SERVER = {"INTEGER": "int8", "REAL": "float8", "TEXT": "text", "BLOB": "bytea"}


def _quoted(table: Table) -> str:
    return ", ".join(f'"{column}"' for column in table.columns)


def _raw_rows(connection: Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    if isinstance(connection, sqlite3.Connection):
        yield from connection.execute(f'SELECT {_quoted(table)} FROM "{table.name}"')
        return
    schema = connection.server.schema  # type: ignore[attr-defined]
    rows = f'SELECT {_quoted(table)} FROM "{schema}"."{table.name}"'
    yield from connection.copied_out(  # type: ignore[attr-defined]
        f"COPY ({rows}) TO STDOUT (FORMAT binary)", [_ON_SERVER[type] for type in table.types]
    )


def _copy_in(connection: Any, table: Table, found: _Adding, last: int) -> None:
    schema = connection.server.schema
    name = f'"{schema}"."{table.name}"'

    def do(raw: Any) -> None:
        # what refuses changes is for whoever works with it
        raw.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        raw.execute(f"TRUNCATE {name}")
        words = f"COPY {name}({_quoted(table)}) FROM STDIN (FORMAT binary)"
        with raw.cursor() as cursor, cursor.copy(words) as copy:
            copy.set_types([_ON_SERVER[type] for type in table.types])
            for row in found:
                copy.write_row(row)
        raw.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
        if table.counted and last:
            raw.execute(f"SELECT setval('{_sequence(connection, table)}', {last})")

    connection.within(do)


def _sequence(connection: Any, table: Table) -> str:
    name = f'"{connection.server.schema}"."{table.name}"'
    return connection.within(
        lambda raw: raw.execute(
            "SELECT pg_get_serial_sequence($1, $2)", (name, table.counted)
        ).fetchone()
    )[0]


def _counts_on(connection: sqlite3.Connection) -> bool:
    """Whether it remembers numbers of rows that are gone."""
    return bool(
        connection.execute("SELECT 1 FROM sqlite_master WHERE name='sqlite_sequence'").fetchone()
    )
