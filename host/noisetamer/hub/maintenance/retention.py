"""Lets go of days whose time is over, once they are kept elsewhere.

Whole days, the oldest first; never one that an incident needs. Sums of hours, events, incidents
and the names and digests of the records stay.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.incidents.incidents import Incidents
from noisetamer.hub.ingest import Ingest
from noisetamer.hub.store import day_files
from noisetamer.hub.store.packed_day import DAY

LOOK_SECONDS = 3600.0
# What incidents need: two years, as long as what was decided on them may be contested.
INCIDENT_DAYS = 730
LEAST_DAYS = 7

Span = tuple[tuple[str, ...], float, float | None]
"""(units, begin, end; None: it goes on) of an incident, Unix s."""
Needed = Callable[[int], set[str]]
"""The units whose day (since 1970, UTC) an incident needs that is open, or not long over."""


class Retention:
    """Of the store that `ingest` writes."""

    def __init__(
        self,
        ingest: Ingest,
        keep_days: int,
        folder: Path,
        needed: Needed,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """folder: where days are put before they are deleted. Raises UserError."""
        if keep_days < LEAST_DAYS:
            raise UserError(f"--keep-days {keep_days}: keep at least {LEAST_DAYS} days")
        self._ingest = ingest
        self._keep_days = keep_days
        self._folder = folder
        self._needed = needed
        self._clock = clock

    async def run(self) -> None:
        """Look for days whose time is over, for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.once()

    async def once(self) -> int:
        """Export and delete what is due; how many days of units. Raises UserError where it cannot
        be kept elsewhere: then nothing is deleted."""
        before = int(self._clock()) // DAY - self._keep_days
        days = await asyncio.to_thread(self._days, before)
        count = 0
        for day, units in days.items():
            due = sorted(set(units) - await asyncio.to_thread(self._needed, day))
            if due:
                exported = await asyncio.to_thread(self._export, day, due)
                deleted = await self._ingest.written(
                    "retention", lambda exported=exported: self._delete(exported)
                )
                count += len(deleted)
        if count:
            await self._ingest.written("retention", lambda: self._ingest.store.let_go(before))
        return count

    def _days(self, before: int) -> dict[int, list[str]]:
        with closing(self._ingest.store.reader()) as connection:
            found = day_files.packed_days(connection, before)
        owns = self._ingest.store.owns
        return {day: [unit for unit in units if owns(unit)] for day, units in found.items()}

    def _export(self, day: int, units: list[str]) -> day_files.Exported:
        """Beside what is there of that day already, if anything."""
        date = datetime.fromtimestamp(day * DAY, UTC)
        try:
            # A folder that is a hub's, for every tool that reads one.
            folder = self._folder / f"{date:%Y-%m-%d}"
            number = 1
            while database.exists(folder / "hub.sqlite"):
                number += 1
                folder = self._folder / f"{date:%Y-%m-%d}-{number}"
            folder.mkdir(parents=True)
            return day_files.write(self._ingest.store.file, folder / "hub.sqlite", day, units)
        except (OSError, database.Error, ValueError) as error:
            raise UserError(
                f"{self._folder}: {date:%Y-%m-%d} cannot be kept there ({error}); nothing is "
                "deleted until it can (--export-to)"
            ) from None

    def _delete(self, exported: day_files.Exported) -> list[str]:
        return self._ingest.store.delete(exported, self._clock())


def spans_of(incidents: Incidents, now: float) -> list[Span]:
    """Of every incident that counts at this time, Unix s."""
    return [
        (
            one.units,
            min(one.opened, one.begin or one.opened),
            None if one.living else max(one.end or 0, one.resolved or 0, one.opened),
        )
        for one in incidents.list(since=now - INCIDENT_DAYS * DAY, most=1_000_000)
    ]


def needed_by_incidents(spans: Callable[[], list[Span]]) -> Needed:
    """spans: of every incident that counts.

    A day counts from an hour before one to an hour after: what it sounded like otherwise.
    """

    def needed(day: int) -> set[str]:
        begin, end = day * DAY - 3600, (day + 1) * DAY + 3600
        return {
            unit
            for units, since, until in spans()
            if since < end and (until is None or until >= begin)
            for unit in units
        }

    return needed
