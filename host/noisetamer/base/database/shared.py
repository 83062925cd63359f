"""Stores that several threads or processes use, opened once."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from noisetamer.base.database.connection import Connection, transaction
from noisetamer.base.database.opening import opened, reader
from noisetamer.base.database.schema import Schema


class SharedFile:
    """One of ours that several threads use, one after the other. Raises Error."""

    def __init__(self, path: Path, schema: Schema) -> None:
        """Open or create. Raises schema.error for a file that is something else, or newer."""
        self._lock = threading.RLock()
        self._connection = opened(path, schema)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing."""
        with self._lock, transaction(self._connection):
            yield

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def _do(self, statement: str, *values: Any) -> None:
        with self._lock:
            self._connection.execute(statement, values)


class FileOnDemand:
    """One of ours that is opened, or made, with its first use; in any thread, beside other
    processes. Its uses raise schema.error for a file that cannot be used, Error."""

    def __init__(self, path: Path, schema: Schema) -> None:
        self._path = path
        self._schema = schema
        self._lock = threading.Lock()
        self._open: Connection | None = None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._open:
                self._open.close()
            self._open = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it, or nothing."""
        with self._lock, transaction(connection := self._connection()):
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Beside whoever writes."""
        with self._lock:
            self._connection()
        with closing(reader(self._path)) as connection:
            yield connection

    def _connection(self) -> Connection:
        if self._open is None:
            self._open = opened(self._path, self._schema)
        return self._open
