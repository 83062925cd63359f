"""Tables that have a partition a day on a server (`ByDay`): made ahead, dropped as a whole.

What has no partition of its own is in the table's rest: rows of no day, of a clock that was wrong,
of a day that was dropped before.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

import psycopg

from noisetamer.base.database.connection import Connection
from noisetamer.base.database.postgres import ServerConnection
from noisetamer.base.database.schema import ByDay

T = TypeVar("T")

# Whoever reads or writes goes first: a partition can be made, and dropped, the next time.
_PATIENCE = "SET LOCAL lock_timeout='2s'"


def rest(schema: str, table: str, by_day: ByDay) -> str:
    """CREATE TABLE of a new table's rest."""
    # a default one is looked through whenever a day is added: rows that stay are no matter for it
    values = "FOR VALUES FROM (MINVALUE) TO (1)" if by_day.added else "DEFAULT"
    return f'CREATE TABLE "{schema}"."{table}_rest" PARTITION OF "{schema}"."{table}" {values}'


def there(connection: Connection, table: str) -> set[int]:
    """Days since 1970 that have a partition."""
    server = _on(connection).server
    rows = connection.execute(
        "SELECT relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_inherits"
        " ON pg_inherits.inhrelid=pg_class.oid WHERE pg_inherits.inhparent="
        "(SELECT pg_class.oid FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace"
        " ON pg_namespace.oid=pg_class.relnamespace WHERE nspname=? AND relname=?)",
        (server.schema, table),
    )
    ends = (name.rsplit("_", 1)[-1] for (name,) in rows)
    return {int(end) for end in ends if end.isdecimal()}


def make(connection: Connection, table: str, by_day: ByDay, days: Iterable[int]) -> None:
    """Give each day a partition; what of it is in the rest moves there. Not in a transaction.
    Raises Error."""
    for day in sorted(days):
        _alone(
            connection, table, partial(_make, _on(connection).server.schema, table, by_day, day)
        )


def _make(schema: str, table: str, by_day: ByDay, day: int, raw: psycopg.Connection) -> None:
    first, end = day * by_day.each, (day + 1) * by_day.each
    parent, new = f'"{schema}"."{table}"', f'"{schema}"."{table}_{day}"'
    raw.execute(_PATIENCE)
    if raw.execute("SELECT to_regclass($1) IS NOT NULL", (new,)).fetchone() == (1,):
        return
    raw.execute(f"CREATE TABLE {new}(LIKE {parent} INCLUDING ALL)".encode())
    if not by_day.added:
        raw.execute(
            (
                f'WITH gone AS (DELETE FROM "{schema}"."{table}_rest"'
                f' WHERE "{by_day.column}">={first} AND "{by_day.column}"<{end} RETURNING *)'
                f" INSERT INTO {new} SELECT * FROM gone"
            ).encode()
        )
    values = f"FOR VALUES FROM ({first}) TO ({end})"
    raw.execute(f"ALTER TABLE {parent} ATTACH PARTITION {new} {values}".encode())


def drop(connection: Connection, table: str, by_day: ByDay, day: int, keep: str = "") -> bool:
    """Let go of a day's partition, if it is empty but for what `keep`, a condition in SQL, says;
    that moves to the rest. Not in a transaction. Raises Error."""
    schema = _on(connection).server.schema
    parent, old = f'"{schema}"."{table}"', f'"{schema}"."{table}_{day}"'
    column = f'"{by_day.column}"'

    def do(raw: psycopg.Connection) -> bool:
        raw.execute(_PATIENCE)
        raw.execute(f"LOCK TABLE {parent} IN ACCESS EXCLUSIVE MODE".encode())
        if keep:
            raw.execute(
                f"UPDATE {parent} SET {column}=0 WHERE {column}={day} AND ({keep})".encode()
            )
        if raw.execute(f"SELECT 1 FROM {old} LIMIT 1".encode()).fetchone():
            return False
        raw.execute(f"DROP TABLE {old}".encode())
        return True

    return _alone(connection, table, do)


def clear(connection: Connection, table: str, day: int) -> None:
    """Take all out of a day's partition, in the transaction that goes on. Raises Error."""
    server = _on(connection)
    words = f'TRUNCATE "{server.server.schema}"."{table}_{day}"'
    server.within(lambda raw: raw.execute(words.encode()))


def _alone(connection: Connection, table: str, do: Callable[[psycopg.Connection], T]) -> T:
    server = _on(connection)
    server.begin_beside()
    try:
        server.in_turn(f"days of {table}")
        found = server.within(do)
        server.execute("COMMIT")
    except BaseException:
        if server.in_transaction:
            server.execute("ROLLBACK")
        raise
    return found


def _on(connection: Connection) -> ServerConnection:
    assert isinstance(connection, ServerConnection)
    return connection
