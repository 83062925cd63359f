"""Looks through all that the hub keeps, a little at a time and beside everything else, for ever.

What a disk has spoilt is found before somebody needs it, and while there is a backup that has it.
"""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.database import place
from noisetamer.hub import registry
from noisetamer.hub.maintenance import backup
from noisetamer.hub.store import chain_check, minutes_check, soundness
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.trouble import Trouble

FIRST_SECONDS = 3600.0
EVERY_SECONDS = 86_400.0
_MOST_TOLD = 3
# Days whose minutes are made anew; of all others `noisetamer hub check` does.
_MINUTES_DAYS = 3
# Then it is damaged enough to be repaired.
_MOST_FOUND = 1000
# After each step as long a pause, and one within long ones: others come to the disk.
_STEPS = 20_000
_PAUSE_SECONDS = 0.002


class Inspection:
    """Of the hub in `data`."""

    def __init__(self, data: Path) -> None:
        self._data = data
        # {database: what is wrong with it}
        self._found: dict[str, list[str]] = {}

    async def run(self) -> None:
        """First when the hub has run for an hour, then every day."""
        await asyncio.sleep(FIRST_SECONDS)
        while True:
            await self.once()
            await asyncio.sleep(EVERY_SECONDS)

    async def once(self) -> None:
        """Look through every database."""
        # beside the loop: each file of the folder is opened, all pictures too
        for file in await asyncio.to_thread(self._stores):
            found = await asyncio.to_thread(
                lambda file=file: list(islice(_problems(file), _MOST_FOUND))
            )
            self._found[file.name] = found

    def _stores(self) -> list[Path]:
        """Of a server the levels alone: its pages are its own."""
        if place.url_of(self._data):
            return [self._data / soundness.STORE]
        return backup.databases(self._data)

    def troubles(self) -> Iterator[Trouble]:
        """What the last look has found."""
        for file, found in self._found.items():
            if found:
                more = f" (+{len(found) - _MOST_TOLD})" if len(found) > _MOST_TOLD else ""
                yield Trouble("spoilt", {"what": f"{file}: {'; '.join(found[:_MOST_TOLD])}{more}"})


def _changed(connection: database.Connection, file: Path) -> Iterator[str]:
    """What is not any more what boxes told; of minutes those of the last days."""
    if soundness.is_store(connection, file):
        keys = registry.chain_keys(file.parent / "units.sqlite")
        yield from chain_check.problems(connection, lambda unit: keys.get(unit, ()))
        since = int(time.time()) // DAY - _MINUTES_DAYS
        yield from minutes_check.problems(connection, since)


def _problems(file: Path) -> Iterator[str]:
    try:
        with database.untouched(file) as connection:
            if isinstance(connection, sqlite3.Connection):
                # Within a long look at one table too.
                connection.set_progress_handler(lambda: time.sleep(_PAUSE_SECONDS), _STEPS)
            began = time.monotonic()
            for problem in chain(soundness.of(connection, file), _changed(connection, file)):
                if problem:
                    yield problem
                time.sleep(min(time.monotonic() - began, 1.0))
                began = time.monotonic()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN):
            yield str(error)
    except database.Error as error:
        yield str(error)
