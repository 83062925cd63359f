"""Stores made on a server, and brought to today's version there.

The steps of a `Schema` stay the one source: a new store is what they make of an empty SQLite file
in memory. Which stores there are, and their versions, is in the table noisetamer.stores.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing

import psycopg

from noisetamer.base.database import days, dialect
from noisetamer.base.database.connection import AwayError, Column, Connection, ServerError
from noisetamer.base.database.place import Server
from noisetamer.base.database.postgres import ServerConnection, lock_of, raw_connection
from noisetamer.base.database.schema import Schema

_MAKING = "BEGIN; SET LOCAL lock_timeout='60s'; SELECT pg_advisory_xact_lock({})"
_REGISTER = (
    "CREATE SCHEMA IF NOT EXISTS noisetamer",
    "CREATE TABLE IF NOT EXISTS noisetamer.stores("
    'name TEXT COLLATE "C" PRIMARY KEY, application BIGINT NOT NULL, version BIGINT NOT NULL)',
)


def opened(server: Server, schema: Schema) -> Connection:
    """As `opening.opened`. Raises schema.error, ServerError."""
    with raw_connection(server) as raw:
        if _version(raw, server, schema) != schema.version:
            raw.execute(_MAKING.format(lock_of("")).encode())
            try:
                _make(raw, server, schema)
                raw.execute("COMMIT")
            except BaseException:
                if not raw.closed:
                    raw.execute("ROLLBACK")
                raise
    return ServerConnection(server)


def version_there(server: Server) -> int | None:
    """The version of a store; None where there is none. Raises ServerError."""
    with raw_connection(server) as raw:
        row = _row(raw, server.schema)
        return row and row[1]


def version_of(server: Server, schema: Schema) -> int:
    """0 where there is none. Raises schema.error, ServerError."""
    with raw_connection(server) as raw:
        return _version(raw, server, schema) or 0


def size(server: Server) -> int:
    """Of a store with its indexes, bytes. Raises ServerError."""
    with raw_connection(server) as raw:
        row = raw.execute(
            "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class"
            " WHERE relnamespace=to_regnamespace($1) AND relkind='r'",
            (f'"{server.schema}"',),
        ).fetchone()
    return row[0] if row else 0


def changes(server: Server) -> list[int]:
    """How many rows of a store were written since the server counts. Raises ServerError."""
    with raw_connection(server) as raw:
        rows = raw.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables"
            " WHERE schemaname=$1",
            (server.schema,),
        ).fetchall()
    return [count for (count,) in rows if count is not None]


def columns(server: Server, table: str) -> list[Column]:
    """Of a table of a store, in order. Raises ServerError."""
    with raw_connection(server) as raw:
        rows = raw.execute(
            "SELECT attname, attnum = ANY(indkey), atttypid = 'bytea'::regtype FROM pg_attribute"
            " JOIN pg_class ON pg_class.oid=attrelid"
            " LEFT JOIN pg_index ON indrelid=attrelid AND indisprimary"
            " WHERE relnamespace=to_regnamespace($1) AND relname=$2 AND attnum>0"
            " AND NOT attisdropped ORDER BY attnum",
            (f'"{server.schema}"', table),
        ).fetchall()
    return [Column(name, bool(is_key), bool(is_bytes)) for name, is_key, is_bytes in rows]


def stores(url: str) -> list[str]:
    """The names of those in a database. Raises ServerError."""
    with raw_connection(Server(url, "")) as raw:
        if not _registered(raw):
            return []
        return [name for (name,) in raw.execute("SELECT name FROM noisetamer.stores ORDER BY 1")]


def drop(url: str, names: Iterable[str]) -> None:
    """Let go of stores, and all that is in them. Raises ServerError."""
    with raw_connection(Server(url, "")) as raw, raw.transaction():
        for name in names:
            raw.execute(f"DROP SCHEMA {dialect.quoted(name)} CASCADE".encode())
            raw.execute("DELETE FROM noisetamer.stores WHERE name=$1", (name,))


def mark_of(url: str) -> str:
    """What `put_mark` has put there. Raises ServerError."""
    with raw_connection(Server(url, "")) as raw:
        row = raw.execute(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace"
            " WHERE nspname='noisetamer'"
        ).fetchone()
    return row[0] or "" if row else ""


def put_mark(url: str, mark: str) -> None:
    """Whoever is filling this database says so. mark: letters and digits. Raises ServerError."""
    assert not mark or mark.isalnum()
    with raw_connection(Server(url, "")) as raw:
        raw.execute("CREATE SCHEMA IF NOT EXISTS noisetamer")
        raw.execute(f"COMMENT ON SCHEMA noisetamer IS '{mark}'".encode())


def _registered(raw: psycopg.Connection) -> bool:
    row = raw.execute("SELECT to_regclass('noisetamer.stores') IS NOT NULL").fetchone()
    return bool(row and row[0])


def _row(raw: psycopg.Connection, name: str) -> tuple[int, int] | None:
    if not _registered(raw):
        return None
    return raw.execute(
        "SELECT application, version FROM noisetamer.stores WHERE name=$1", (name,)
    ).fetchone()


def _version(raw: psycopg.Connection, server: Server, schema: Schema) -> int | None:
    """None where it is not made yet."""
    row = _row(raw, server.schema)
    if row is None:
        return None
    application, version = row
    if application != schema.application:
        raise schema.error(f"{server.schema} in {server} is no {schema.name}; name another place.")
    if version > schema.version:
        raise schema.error(
            f"The {schema.name} in {server} was written by a newer Noise Tamer (format {version}, "
            f"this one knows {schema.version}): use the newer one."
        )
    return version


def _make(raw: psycopg.Connection, server: Server, schema: Schema) -> None:
    _must_be_safe(raw, server)
    for statement in _REGISTER:
        raw.execute(statement)
    # asked again: another process may have been faster
    version = _version(raw, server, schema)
    if version == schema.version:
        return
    if version is None:
        if raw.execute("SELECT 1 FROM pg_namespace WHERE nspname=$1", (server.schema,)).fetchone():
            raise schema.error(
                f"The schema {server.schema} in {server} is another's: name a database of its own."
            )
        raw.execute(f'CREATE SCHEMA "{server.schema}"'.encode())
        statements = new(schema, server.schema)
    else:
        statements = (
            (text, ())
            for step in schema.steps[version:]
            for statement in step
            for text in dialect.step(statement, server.schema)
        )
    for text, values in statements:
        raw.execute(text.encode(), values)
    raw.execute(
        "INSERT INTO noisetamer.stores VALUES($1, $2, $3)"
        " ON CONFLICT(name) DO UPDATE SET version=excluded.version",
        (server.schema, schema.application, schema.version),
    )


def must_do(server: Server) -> None:
    """Raises ServerError of a server on which stores cannot be made, or are not safe."""
    with raw_connection(server) as raw:
        _must_be_safe(raw, server)
        row = raw.execute(
            "SELECT has_database_privilege(current_database(), 'CREATE'), pg_is_in_recovery()"
        ).fetchone()
    if row and row[1]:
        raise AwayError(f"{server} is a standby that only reads: name the one that writes")
    if row and not row[0]:
        raise ServerError(
            f"{server} does not let this user make stores: GRANT it CREATE on the database"
        )


def _must_be_safe(raw: psycopg.Connection, server: Server) -> None:
    """What is committed is to be on the disk."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        row = raw.execute("SELECT current_setting($1)", (setting,)).fetchone()
        if row and row[0] == "off":
            raise ServerError(
                f"{server} says of what is not on its disk that it is committed: set {setting} to"
                " on there"
            )


def new(schema: Schema, name: str) -> Iterator[tuple[str, tuple]]:
    """All that makes a new store called `name`, and the values of each statement."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        for step in schema.steps:
            for statement in step:
                model.execute(statement)
        made = model.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
        ).fetchall()
        tables = [one for type, one, _ in made if type == "table"]
        for table in tables:
            columns = model.execute(f'PRAGMA table_info("{table}")').fetchall()
            unique = [
                [column for *_, column in model.execute(f'PRAGMA index_info("{index}")')]
                for _, index, _, origin, _ in model.execute(f'PRAGMA index_list("{table}")')
                if origin == "u"
            ]
            by_day = schema.by_day.get(table)
            yield dialect.table(table, name, columns, unique, by_day), ()
            if by_day:
                yield days.rest(name, table, by_day), ()
        for type, _, statement in made:
            if type == "index":
                yield dialect.told(statement, name).text, ()
        for table in tables:
            rows = model.execute(f'SELECT * FROM "{table}"').fetchall()
            for row in rows:
                marks = ", ".join(f"${n + 1}" for n in range(len(row)))
                yield f'INSERT INTO "{name}"."{table}" VALUES({marks})', row
            for column in _numbered(model, table) if rows else ():
                # a server counts on from what it gave itself
                yield (
                    f'SELECT setval(pg_get_serial_sequence(\'"{name}"."{table}"\','
                    f' \'{column}\'), max("{column}")) FROM "{name}"."{table}"',
                    (),
                )
        for type, _, statement in made:
            if type == "trigger":
                yield from ((text, ()) for text in dialect.trigger(statement, name))


def _numbered(model: sqlite3.Connection, table: str) -> list[str]:
    """The column that numbers its rows by itself, if one does."""
    info = model.execute(f'PRAGMA table_info("{table}")').fetchall()
    keys = [(name, type) for _, name, type, _, _, key in info if key]
    return [name for name, type in keys if len(keys) == 1 and type.upper() == "INTEGER"]
