"""The store of facts: what the hub's files hold, in columns, for whoever looks at years at once.

It holds nothing of its own: whatever is wrong with it, it is made anew. Filling it takes seconds
at first and little then, in a thread of its own; who looks meanwhile sees what was before.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.facts.file import FILE, FactsFile
from noisetamer.hub.facts.refresh import Refresh
from noisetamer.hub.facts.sources import NONE, Sources

_logger = logging.getLogger(__name__)

AGE_SECONDS = 60.0
"""As old as that, the facts are brought up to date when somebody asks."""


class Ask(Protocol):
    """What asks the facts."""

    def __call__(self, query: str, values: Sequence[Any] = (), /) -> list[tuple[Any, ...]]:
        """Rows of a query with its values."""
        ...


@dataclass(frozen=True)
class Progress:
    """what: of "levels", "incidents", "beside", "together"; part: how far that is, 0 to 1."""

    what: str
    part: float


class Facts:
    """Of the hub in a folder. May be used by several threads."""

    def __init__(
        self,
        data: Path,
        sources: Sources = NONE,
        utc_offset: float = 8.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Opens nothing yet. utc_offset: of the local clock, h; clock: Unix time, s."""
        self._data = data
        self._file = FactsFile(data / FILE)
        self._sources = sources
        self._utc_offset = utc_offset
        self._clock = clock
        self._filling = threading.Lock()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._at: float | None = None
        self.progress: Progress | None = None
        """Of a refresh that is under way."""
        self.fault = ""
        """Why the last one failed, "" where it did not."""

    @property
    def at(self) -> float | None:
        """As of when they are, Unix s; None: not known in this process."""
        return self._at

    def refresh(self, tell: Callable[[Progress], None] = lambda _: None) -> None:
        """Bring them up to date, here and now. Raises UserError."""
        import duckdb

        with self._filling:
            now = self._clock()

            def told(what: str, part: float) -> None:
                self.progress = Progress(what, part)
                tell(self.progress)

            try:
                try:
                    self._fill(now, told)
                except duckdb.Error as error:
                    _logger.warning("the facts are spoilt, and made anew: %s", error)
                    self._file.forget()
                    self._fill(now, told)
                self._at, self.fault = now, ""
            except (duckdb.Error, database.Error, OSError) as error:
                raise UserError(
                    f"The facts {self._file.path} cannot be made ({error}): mend what is named."
                ) from None
            finally:
                self.progress = None

    def fresh(self, wait: float = 0.0) -> bool:
        """Have them brought up to date beside, where they are old; whether there are any to look
        at, after so many s at most."""
        if self._at is None or self._clock() - self._at > AGE_SECONDS:
            with self._starting:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._beside, daemon=True)
                    self._thread.start()
            if self._at is None:
                self._thread.join(wait)
            if self._at is None:
                self._at = self._of_before()
        return self._at is not None

    @contextmanager
    def looking(self) -> Iterator[Ask]:
        """Ask within. Raises UserError where another program has them, or they are spoilt: then
        they are made anew."""
        import duckdb

        with self._file.using() as connection:

            def ask(query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
                return connection.execute(query, list(values)).fetchall()

            # all that is asked within is of one state, whoever fills them meanwhile
            connection.execute("BEGIN")
            try:
                if not ask("SELECT 1 FROM marks WHERE name='at'"):
                    # spoilt since, and made anew by opening it: nothing in it yet is no answer
                    self._at = None
                    raise UserError("The facts are made anew: ask again in a minute.")
                yield ask
                connection.execute("ROLLBACK")
            except (duckdb.IOException, duckdb.FatalException, duckdb.InternalException) as error:
                self._at = None
                _logger.warning("the facts are spoilt: %s", error)
                raise UserError(
                    f"The facts {self._file.path} are spoilt: delete that file, it is made anew."
                ) from None

    def close(self) -> None:
        """Wait for what is under way."""
        thread = self._thread
        if thread:
            thread.join(30)

    def _fill(self, now: float, tell: Callable[[str, float], None]) -> None:
        with self._file.using() as connection:
            Refresh(self._data, connection, self._sources, now, self._utc_offset, tell).run()

    def _of_before(self) -> float | None:
        """As of when an earlier process has left them, Unix s; None: they are not whole yet."""
        import duckdb

        try:
            with self._file.using() as connection:
                row = connection.execute("SELECT mark FROM marks WHERE name='at'").fetchone()
        except (UserError, duckdb.Error):
            return None
        return float(row[0]) if row else None

    def _beside(self) -> None:
        try:
            self.refresh()
        except UserError as error:
            self.fault = str(error)
            _logger.warning("%s", error)
