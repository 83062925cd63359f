"""Stores on a PostgreSQL server, through the same few calls as a file.

A store takes a connection of the database for a statement or a transaction, and gives it back:
many stores need few connections, and a server that was away is met again by itself. What writes
holds an advisory lock of its store, so nobody else writes meanwhile, as in a file.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.array import ListBinaryDumper
from psycopg.types.numeric import Int8BinaryDumper, NumericBinaryLoader, NumericLoader
from psycopg.types.string import StrBinaryDumper

from noisetamer.base.database import dialect, place
from noisetamer.base.database.connection import (
    AwayError,
    FullError,
    IntegrityError,
    LockedError,
    ServerError,
)
from noisetamer.base.database.place import Server

T = TypeVar("T")

OLDEST = 150000
"""As libpq numbers versions."""
PATIENCE_SECONDS = 5
"""For a connection, and for whoever writes."""
PAUSED_SECONDS = 20
"""Who is paused in the midst of writing keeps the others out for no longer."""

_MOST_IDLE = 8
_DEFAULTS = {
    "application_name": "noisetamer",
    "connect_timeout": str(PATIENCE_SECONDS),
    # a server that is gone without a word
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
_idle: dict[tuple[int, str], list[psycopg.Connection]] = {}
_idle_lock = threading.Lock()


class Rows:
    """What a statement answered, all of it."""

    def __init__(self, cursor: psycopg.Cursor | None = None) -> None:
        self.rowcount = cursor.rowcount if cursor else -1
        self.description = cursor.description if cursor else None
        self._left = iter(cursor.fetchall() if cursor and cursor.description else ())

    def fetchone(self) -> Any:
        return next(self._left, None)

    def fetchall(self) -> list[Any]:
        return list(self._left)

    def __iter__(self) -> Iterator[Any]:
        return self._left


class ServerConnection:
    """One store on a server; `Connection`. Raises ServerError, IntegrityError."""

    def __init__(self, server: Server, reads_only: bool = False) -> None:
        self.server = server
        self._reads_only = reads_only
        self._held: psycopg.Connection | None = None

    @property
    def in_transaction(self) -> bool:
        return self._held is not None

    def close(self) -> None:
        if self._held is not None:
            with suppress(ServerError):
                self._end("ROLLBACK")

    def execute(self, statement: str, values: Any = (), /) -> Rows:
        told = dialect.told(statement, self.server.schema)
        if told.names:
            values = [values[name] for name in told.names]
        text = told.text.encode()
        return self._do(told, lambda raw: Rows(raw.execute(text, values, binary=True)))

    def executemany(self, statement: str, rows: Iterable[Any], /) -> Rows:
        told = dialect.told(statement, self.server.schema)
        rows = [[row[name] for name in told.names] if told.names else row for row in rows]

        def do(raw: psycopg.Connection) -> Rows:
            if not rows:
                return Rows()
            cursor = raw.cursor()
            cursor.executemany(told.text.encode(), rows)
            return Rows(cursor)

        return self._do(told, do)

    def begin_beside(self) -> None:
        """A transaction beside others that begin so, and never beside one that is alone."""
        self._begin(self._writes("pg_advisory_xact_lock_shared"))

    def in_turn(self, what: str) -> None:
        """Until this transaction ends, no other that asks for the same."""
        key = lock_of(f"{self.server.schema} {what}")
        self.within(lambda raw: raw.execute("SELECT pg_advisory_xact_lock($1)", (key,)))

    def within(self, do: Callable[[psycopg.Connection], T]) -> T:
        """What only PostgreSQL has, in the transaction that goes on."""
        return self._within(do)

    def copied_out(self, words: str, types: list[str]) -> Iterator[tuple[Any, ...]]:
        """The rows of a COPY ... TO STDOUT (FORMAT binary), in the transaction that goes on."""
        raw = self._must_hold()
        with _said(self.server), raw.cursor() as cursor, cursor.copy(words.encode()) as copy:
            copy.set_types(types)
            yield from copy.rows()

    def _do(self, told: dialect.Told, do: Any) -> Rows:
        match told.kind:
            case "begin":
                self._begin(self._writes())
            case "moment":
                self._begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            case "commit":
                self._commit()
            case "rollback":
                self._end("ROLLBACK")
            case "within":
                self._within(lambda raw: Rows(raw.execute(told.text.encode())))
            case "nothing":
                pass
            case _ if self._held is not None:
                return self._within(do)
            case "read":
                return self._alone(do)
            case _:
                self._begin(self._writes())
                try:
                    found = self._within(do)
                    self._commit()
                except BaseException:
                    if self.in_transaction:
                        self._end("ROLLBACK")
                    raise
                return found
        return Rows()

    def _writes(self, lock: str = "pg_advisory_xact_lock") -> str:
        if self._reads_only:
            raise ServerError("this connection only reads")
        return (
            f"BEGIN; SET LOCAL lock_timeout='{PATIENCE_SECONDS}s';"
            f" SET LOCAL idle_in_transaction_session_timeout='{PAUSED_SECONDS}s';"
            f" SELECT {lock}({lock_of(self.server.schema)})"
        )

    def _begin(self, words: str) -> None:
        if self._held is not None:
            raise ServerError("a transaction goes on already")
        self._held = self._first(lambda raw: raw.execute(words.encode()) and raw)

    def _commit(self) -> None:
        raw = self._must_hold()
        if raw.info.transaction_status == pq.TransactionStatus.INERROR:
            # the server would roll back, and call that done
            self._end("ROLLBACK")
            raise ServerError("what was to be committed had failed before")
        self._end("COMMIT")

    def _end(self, word: str) -> None:
        raw, self._held = self._must_hold(), None
        try:
            with _said(self.server):
                raw.execute(word.encode())
        finally:
            _give(self.server.url, raw)

    def _within(self, do: Any) -> Any:
        raw = self._must_hold()
        try:
            with _said(self.server):
                return do(raw)
        finally:
            if raw.closed:
                self._held = None

    def _alone(self, do: Any) -> Any:
        raws: list[psycopg.Connection] = []

        def one(raw: psycopg.Connection) -> Any:
            raws[:] = [raw]
            return do(raw)

        try:
            return self._first(one)
        finally:
            for raw in raws:
                _give(self.server.url, raw)

    def _first(self, do: Any) -> Any:
        """What a connection is taken for. One that has broken unnoticed is no reason to fail: then
        nothing was begun yet."""
        with _said(self.server):
            raw, known = _taken(self.server)
            try:
                return do(raw)
            except psycopg.OperationalError:
                if not (known and raw.closed):
                    _give(self.server.url, raw)
                    raise
            except BaseException:
                _give(self.server.url, raw)
                raise
            let_go(self.server.url)
            raw, _ = _taken(self.server)
            try:
                return do(raw)
            except BaseException:
                _give(self.server.url, raw)
                raise

    def _must_hold(self) -> psycopg.Connection:
        if self._held is None:
            raise ServerError("no transaction goes on")
        return self._held


def lock_of(name: str) -> int:
    """The key of a store's advisory lock: the same in every program, 64 bits."""
    digest = hashlib.sha256(f"noisetamer {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def let_go(url: str) -> None:
    """Of all connections that nobody uses now."""
    with _idle_lock:
        idle = _idle.pop((os.getpid(), url), [])
    for raw in idle:
        raw.close()


@contextmanager
def raw_connection(server: Server) -> Iterator[psycopg.Connection]:
    """For what only PostgreSQL has: COPY, partitions. In autocommit. Raises as a ServerConnection
    does."""
    with _said(server):
        raw, _ = _taken(server)
        try:
            yield raw
        finally:
            _give(server.url, raw)


def _taken(server: Server) -> tuple[psycopg.Connection, bool]:
    """A connection, and whether it was used before."""
    with _idle_lock:
        idle = _idle.get((os.getpid(), server.url))
        if idle:
            return idle.pop(), True
    return _connected(server), False


def _give(url: str, raw: psycopg.Connection) -> None:
    if raw.closed or raw.info.transaction_status != pq.TransactionStatus.IDLE:
        raw.close()
        return
    with _idle_lock:
        idle = _idle.setdefault((os.getpid(), url), [])
        if len(idle) < _MOST_IDLE:
            idle.append(raw)
            return
    raw.close()


def _connected(server: Server) -> psycopg.Connection:
    url, pooled = place.pooled(server.url)
    given = {**_DEFAULTS, **conninfo_to_dict(url)}
    raw = psycopg.connect(
        "",
        autocommit=True,
        cursor_factory=psycopg.RawCursor,
        **given,  # type: ignore[arg-type]
    )
    if pooled:
        raw.prepare_threshold = None
    version = raw.info.server_version
    encoding = raw.info.parameter_status("server_encoding")
    if version < OLDEST or encoding != "UTF8":
        raw.close()
        if version < OLDEST:
            raise ServerError(
                f"{server} is version {version // 10000}, and {OLDEST // 10000} or newer is needed"
            )
        raise ServerError(f"{server} is in {encoding}: make one with ENCODING 'UTF8'")
    for type, dumper in ((int, _Whole), (bool, _Whole), (str, _Text)):
        raw.adapters.register_dumper(type, dumper)
    # as text it would take the type of the first list that comes, int2[], for all
    raw.adapters.register_dumper(list, ListBinaryDumper)
    for loader in (_Number, _BinaryNumber, _Truth, _BinaryTruth):
        raw.adapters.register_loader(
            "bool" if loader in (_Truth, _BinaryTruth) else "numeric", loader
        )
    return raw


class _Whole(Int8BinaryDumper):
    """One type whatever the value: one prepared statement. Truth is 0 and 1, as in SQLite."""

    def dump(self, obj: Any) -> Any:
        return super().dump(int(obj))


class _Text(StrBinaryDumper):
    """A server takes no NUL."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd"))


def _number(value: Any) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


class _Number(NumericLoader):
    def load(self, data: Any) -> Any:
        return _number(super().load(data))


class _BinaryNumber(NumericBinaryLoader):
    def load(self, data: Any) -> Any:
        return _number(super().load(data))


class _Truth(Loader):
    def load(self, data: Any) -> int:
        return int(bytes(data) == b"t")


class _BinaryTruth(Loader):
    format = pq.Format.BINARY

    def load(self, data: Any) -> int:
        return int(bytes(data) != b"\0")


@contextmanager
def _said(server: Server) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise _error_of(server, error) from error


def _error_of(server: Server, error: psycopg.Error) -> Exception:
    said = (error.diag.message_primary or str(error)).strip().splitlines()
    why = said[0] if said else type(error).__name__
    match error:
        case errors.IntegrityError():
            return IntegrityError(why)
        case errors.LockNotAvailable():
            return LockedError(f"{server}: somebody else writes there, for too long")
        case errors.IdleInTransactionSessionTimeout():
            return AwayError(
                f"{server} ended a transaction in which nothing was done for {PAUSED_SECONDS} s"
            )
        case errors.DiskFull():
            return FullError(f"the disk of {server} is full: free some space there")
        case errors.InsufficientPrivilege():
            return ServerError(
                f"{server} does not let this user ({why}): "
                "GRANT it CREATE on the database, or name another user in the address"
            )
        case errors.ReadOnlySqlTransaction():
            return AwayError(f"{server} is a standby that only reads: name the one that writes")
    if isinstance(error, psycopg.OperationalError) and (
        error.sqlstate is None or error.sqlstate[:2] in ("08", "57", "53")
    ):
        last = _last(str(error)) or why
        if "FATAL:" in last:
            return AwayError(f"{server} lets nobody in ({last.partition('FATAL:')[2].strip()})")
        return AwayError(f"{server} does not answer ({last})")
    return ServerError(f"{server}: {why}")


def _last(text: str) -> str:
    """libpq tells each address it tried, the last reason at the end of the first line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0].rsplit("failed: ", 1)[-1] if lines else ""
