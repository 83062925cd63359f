"""What rooms ask of an open store, a file or one on a server, and what it raises."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

Error = sqlite3.Error
"""What a store cannot do: raised by files, and by stores on a server (`ServerError`)."""
IntegrityError = sqlite3.IntegrityError
"""A row that may not be: its key is there already, or a trigger refuses it."""


class Cursor(Protocol):
    """What a statement answers."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""
        ...

    @property
    def description(self) -> Any:
        """A sequence a column, its name first; None without columns."""
        ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """In autocommit; for one thread at a time. Statements are SQLite's, of the part that
    PostgreSQL takes as well (`dialect`)."""

    @property
    def in_transaction(self) -> bool: ...

    def execute(self, statement: str, values: Any = ..., /) -> Cursor: ...

    def executemany(self, statement: str, rows: Iterable[Any], /) -> Cursor: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Column:
    """Of a table. is_key: of its primary key; is_bytes: declared as such."""

    name: str
    is_key: bool
    is_bytes: bool


class ServerError(sqlite3.OperationalError):
    """What a server refused. sqlite_errorcode: what SQLite calls it, 0 where it has no word."""

    sqlite_errorcode = 0


class AwayError(ServerError):
    """It does not answer, or lets nobody write now: what was asked may or may not be done."""

    sqlite_errorcode = sqlite3.SQLITE_CANTOPEN


class LockedError(ServerError):
    """Somebody else writes, longer than one waits."""

    sqlite_errorcode = sqlite3.SQLITE_BUSY


class FullError(ServerError):
    """The server's disk is full."""

    sqlite_errorcode = sqlite3.SQLITE_FULL


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """All of it or nothing. Nobody else writes meanwhile. connection: in autocommit."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # after some errors SQLite has rolled back by itself
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def beside(connection: Connection) -> Iterator[None]:
    """As `transaction`; on a server beside others that begin so too, and write other rows."""
    if isinstance(connection, sqlite3.Connection):
        with transaction(connection):
            yield
        return
    connection.begin_beside()  # type: ignore[attr-defined]
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def in_turn(connection: Connection, what: str) -> None:
    """Until this transaction ends, no other that asks for the same. Whoever gives out numbers by
    which others read on asks for it: theirs become visible in their order."""
    if not isinstance(connection, sqlite3.Connection):
        connection.in_turn(what)  # type: ignore[attr-defined]


@contextmanager
def one_moment(connection: Connection) -> Iterator[None]:
    """What is read meanwhile is of one state, whoever writes beside it. connection: in
    autocommit."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        # a server may have gone away meanwhile
        if connection.in_transaction:
            connection.execute("ROLLBACK")
