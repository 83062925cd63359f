"""Every statement that rooms give their stores in a run of the whole suite is understood by a
PostgreSQL server as well: at the end it prepares each once. Whoever writes one that only SQLite
takes finds it named there, and the run has failed.
"""

import inspect
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

import noisetamer
from noisetamer.base.database import sqlite

# Tests ask too, from a folder that may have any name.
_ROOMS = f"{Path(noisetamer.__file__).parent}/"
# Who reads and mends pages of files, which a server has none of.
_OF_FILES = ("hub/maintenance/", "store/soundness.py", "store/mending.py", "base/database/")
_noted: set[tuple[str, str]] = set()


class _Noting(sqlite3.Connection):
    """A file of ours that notes what it is asked."""

    def __init__(self, database: Any, *values: Any, **how: Any) -> None:
        super().__init__(database, *values, **how)
        self._store = Path(str(database).partition("?")[0]).stem

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        self._note(statement)
        return super().execute(statement, *values)

    def executemany(self, statement: str, *rows: Any) -> sqlite3.Cursor:
        self._note(statement)
        return super().executemany(statement, *rows)

    def _note(self, statement: str) -> None:
        if (self._store, statement) in _noted:
            return
        frame = inspect.currentframe()
        while frame is not None and frame.f_code.co_filename == __file__:
            frame = frame.f_back
        place = frame.f_code.co_filename if frame else ""
        if "shared.py" in place and frame is not None and frame.f_back is not None:
            place = frame.f_back.f_code.co_filename
        if place.startswith(_ROOMS) and not any(one in place for one in _OF_FILES):
            _noted.add((self._store, statement))


sqlite.Opened = _Noting


def pytest_sessionfinish(session: pytest.Session) -> None:
    if out := os.environ.get("STATEMENTS_TO"):
        file = Path(out) / f"{os.getpid()}.json"
        file.write_text(json.dumps(sorted(_noted)))
