"""facts.duckdb: opened while somebody looks or fills, made anew where it is not ours or spoilt."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from noisetamer.base.errors import UserError
from noisetamer.hub.facts.tables import VERSION, statements

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FILE = "facts.duckdb"

# Another process has the file for as long as it looks: seconds, but for one that fills it.
_PATIENCE_SECONDS = 10.0

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    # a thousand squares and a year go through this; what has no room goes to the disk
    "memory_limit": "512MB",
    "preserve_insertion_order": False,
    "threads": 2,
    # what a question may reach is this file alone
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""Of the engine."""


class FactsFile:
    """One connection to the file for all who use it in this process, each with a cursor of its
    own; let go of with the last, since DuckDB lets one process in at a time."""

    def __init__(self, path: Path, patience: float = _PATIENCE_SECONDS) -> None:
        """patience: how long another process is waited for, s."""
        self.path = path
        self._patience = patience
        self._lock = threading.Lock()
        self._open: DuckDBPyConnection | None = None
        self._users = 0

    @contextmanager
    def using(self) -> Iterator["DuckDBPyConnection"]:
        """Raises UserError where another process has it, or the disk refuses; duckdb.Error of
        what is spoilt inside: `forget` it then."""
        with self._lock:
            if self._open is None:
                self._open = self._connected()
            cursor = self._open.cursor()
            self._users += 1
        try:
            yield cursor
        finally:
            with self._lock:
                cursor.close()
                self._users -= 1
                if self._users == 0:
                    connection, self._open = self._open, None
                    if connection:
                        connection.close()

    def forget(self) -> None:
        """Have it made anew with the next use. Nobody may be using it."""
        with self._lock:
            self._unlinked()

    def _connected(self) -> "DuckDBPyConnection":
        import duckdb

        until, mended = time.monotonic() + self._patience, False
        while True:
            try:
                connection = duckdb.connect(self.path, config=SETTINGS)
                break
            except duckdb.Error as error:
                if "lock on file" in str(error):
                    if time.monotonic() > until:
                        raise UserError(
                            f"The facts {self.path} are in use by another program: "
                            "wait until it is done, and ask again."
                        ) from None
                    time.sleep(0.1)
                elif mended:
                    raise UserError(
                        f"The facts {self.path} cannot be made ({error}): mend the folder's "
                        "rights or its disk."
                    ) from None
                else:
                    self._unlinked()
                    mended = True
        # this process has it alone: what was spilt there is of one that was killed
        shutil.rmtree(self.path.with_name(self.path.name + ".tmp"), ignore_errors=True)
        try:
            self.path.chmod(0o600)
            if _version(connection) != VERSION:
                connection.close()
                self._unlinked()
                connection = duckdb.connect(self.path, config=SETTINGS)
                self.path.chmod(0o600)
                _make(connection)
        except BaseException:
            # one that is left open would be given again to whoever connects
            connection.close()
            raise
        return connection

    def _unlinked(self) -> None:
        for path in (self.path, self.path.with_name(self.path.name + ".wal")):
            path.unlink(missing_ok=True)


def _version(connection: "DuckDBPyConnection") -> int:
    import duckdb

    try:
        row = connection.execute("SELECT mark FROM marks WHERE name='version'").fetchone()
    except duckdb.Error:
        return 0
    return int(row[0]) if row else 0


def _make(connection: "DuckDBPyConnection") -> None:
    connection.execute("BEGIN")
    for statement in statements():
        connection.execute(statement)
    connection.execute("INSERT INTO marks VALUES('version', ?)", [str(VERSION)])
    connection.execute("COMMIT")
