"""Many rows in one statement."""

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from noisetamer.base.database.connection import Connection

if TYPE_CHECKING:
    import psycopg


def put(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    key: Sequence[str] = (),
    change: str = "",
) -> None:
    """Add rows; with a key, in the place of those that have it. In a transaction.

    change: what is set there, in SQL; every other column by default. No two rows may have one key.
    """
    if not rows:
        return
    if isinstance(connection, sqlite3.Connection):
        connection.executemany(_of_file(table, tuple(columns), tuple(key), change), rows)
        return
    from noisetamer.base.database.postgres import ServerConnection

    assert isinstance(connection, ServerConnection)
    server, names = connection.server, tuple(columns)

    def do(raw: "psycopg.Connection") -> None:
        types = _types(raw, server.url, server.schema, table, names)
        arrays = ", ".join(f"${n + 1}::{type}[]" for n, type in enumerate(types))
        words = f'INSERT INTO "{server.schema}"."{table}"({_quoted(names)})'
        words += f" SELECT * FROM unnest({arrays})"
        words += _conflict(columns, tuple(key), change)
        raw.execute(words.encode(), [list(column) for column in zip(*rows, strict=True)])

    connection.within(do)


@lru_cache(256)
def _of_file(table: str, columns: tuple[str, ...], key: tuple[str, ...], change: str) -> str:
    marks = ", ".join("?" * len(columns))
    words = f"INSERT INTO {table}({_quoted(columns)}) VALUES({marks})"
    return words + _conflict(columns, key, change)


def _conflict(columns: Sequence[str], key: tuple[str, ...], change: str) -> str:
    if not key:
        return ""
    others = [column for column in columns if column not in key]
    change = change or ", ".join(f'"{column}"=excluded."{column}"' for column in others)
    return f" ON CONFLICT({_quoted(key)}) DO UPDATE SET {change}"


def _quoted(columns: Sequence[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


_known: dict[tuple[str, ...], tuple[str, ...]] = {}


def _types(
    raw: "psycopg.Connection", url: str, schema: str, table: str, names: tuple[str, ...]
) -> tuple[str, ...]:
    key = url, schema, table, *names
    if key not in _known:
        found = dict(
            raw.execute(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                " WHERE attrelid=to_regclass($1) AND attnum>0 AND NOT attisdropped",
                (f'"{schema}"."{table}"',),
            ).fetchall()
        )
        _known[key] = tuple(found[name] for name in names)
    return _known[key]
