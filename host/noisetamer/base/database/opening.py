"""Stores opened by their paths, whether they are files or on a server."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from noisetamer.base.database import place, sqlite
from noisetamer.base.database.connection import Column, Connection, Error, ServerError
from noisetamer.base.database.schema import Schema


def opened(path: Path, schema: Schema) -> Connection:
    """One of ours that several use, at today's version; made, for its owner only, where it is
    missing. What is committed is on the disk. In autocommit; for one thread at a time, any.

    Raises schema.error, and then a store that is something else, or newer, is as it was.
    """
    with told(path, schema):
        return raw_opened(path, schema)


def raw_opened(path: Path, schema: Schema) -> Connection:
    """As `opened`, for whoever tells himself what fails: raises Error, OSError too."""
    if server := place.server_of(path):
        # a hub with files needs no driver
        from noisetamer.base.database import making

        return making.opened(server, schema)
    return sqlite.opened(path, schema)


@contextmanager
def connected(path: Path, schema: Schema) -> Iterator[Connection]:
    """A connection of its own for one use, to a store that was `opened` before; in autocommit.
    What fails meanwhile is told as by `told`."""
    with told(path, schema):
        if server := place.server_of(path):
            with closing(_on(server)) as connection:
                yield connection
        else:
            with sqlite.connected(path) as connection:
                yield connection


def reader(path: Path) -> Connection:
    """A connection that only reads, beside whoever writes, in any thread. To be closed."""
    server = place.server_of(path)
    return _on(server, reads_only=True) if server else sqlite.reader(path)


def untouched(path: Path) -> closing[Connection]:
    """A store that is there, read without changing a byte of it. Raises Error."""
    server = place.server_of(path)
    return closing(_on(server, reads_only=True) if server else sqlite.untouched(path))


def plain(path: Path) -> Connection:
    """A connection that writes, to a store that is there, whatever it is; in autocommit. To be
    closed. What is deleted by it is overwritten in a file; on a server, when it next cleans up
    (VACUUM) and reuses the room."""
    server = place.server_of(path)
    return _on(server) if server else sqlite.plain(path)


def exists(path: Path) -> bool:
    """Whether there is such a store, a file or on the server of its folder. Raises Error of a
    server that does not answer, UserError where its address is none."""
    server = place.server_of(path)
    if server is None:
        return path.is_file()
    from noisetamer.base.database import making

    return making.version_there(server) is not None


def prepared(path: Path, schema: Schema) -> None:
    """Make a store where it is missing, or bring it to today's version: then `connected` opens
    it. Raises schema.error."""
    with told(path, schema):
        if server := place.server_of(path):
            from noisetamer.base.database import making

            making.opened(server, schema).close()
        else:
            sqlite.prepared(path, schema)


def version_of(connection: Connection, path: Path, schema: Schema) -> int:
    """The version of an open store; 0 of an empty one, and of ours from before it carried an id.

    Raises schema.error for a store that is of another kind or newer than this program.
    """
    if isinstance(connection, sqlite3.Connection):
        return sqlite.version_of(connection, path, schema)
    server = place.server_of(path)
    assert server
    from noisetamer.base.database import making

    return making.version_of(server, schema)


def changes(path: Path) -> list[int]:
    """Other numbers than before once anything was written to a store; on a server that shows
    within some seconds. None of one that is not there."""
    server = place.server_of(path)
    if server is None:
        return sqlite.changes(path)
    from noisetamer.base.database import making

    return making.changes(server)


def size(path: Path) -> int:
    """Of a store with all that belongs to it, bytes. Raises Error of a server that is away."""
    server = place.server_of(path)
    if server is None:
        return sqlite.size(path)
    from noisetamer.base.database import making

    return making.size(server)


def columns(connection: Connection, table: str) -> list[Column]:
    """Of a table, in order; none of one that is not there."""
    if isinstance(connection, sqlite3.Connection):
        return sqlite.columns(connection, table)
    from noisetamer.base.database import making
    from noisetamer.base.database.postgres import ServerConnection

    assert isinstance(connection, ServerConnection)
    return making.columns(connection.server, table)


@contextmanager
def told(path: Path, schema: Schema) -> Iterator[None]:
    """Turn what SQLite, the server and the disk say into one sentence (schema.error)."""
    try:
        yield
    except ServerError as error:
        raise schema.error(f"The {schema.name} cannot be used: {error}.") from None
    except Error as error:
        raise schema.error(sqlite.sentence(path, schema, error)) from None
    except OSError as error:
        raise schema.error(
            f"The {schema.name} {path} cannot be used ({error.strerror or error}): "
            f"name another place with {schema.option}."
        ) from None


def _on(server: place.Server, reads_only: bool = False) -> Connection:
    from noisetamer.base.database.postgres import ServerConnection

    return ServerConnection(server, reads_only)
