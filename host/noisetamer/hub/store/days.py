"""Room for days, in a store on a server: partitions, made ahead and dropped when they are empty.

A file has none: it needs none.
"""

import sqlite3
from collections.abc import Iterable

from noisetamer.base import database
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.schema import SCHEMA

AHEAD = 3
"""Days from today on that have room before anything comes of them."""
BEHIND = 90
"""What a box was away for. Older days, and those of a clock that is ahead, are in the rest."""

# What a report brings goes here; packed days have theirs when they are packed.
_LIVE = ("record", "minute")


class Days:
    """Those since 1970 that have room; of one connection, not in its transactions."""

    def __init__(self, connection: database.Connection) -> None:
        self._connection = connection
        self._on_server = not isinstance(connection, sqlite3.Connection)
        self._there: dict[str, set[int]] = {}
        if self._on_server:
            self.look()

    def __contains__(self, day: object) -> bool:
        return day in self._there.get("record", ())

    def __bool__(self) -> bool:
        return self._on_server

    def look(self) -> None:
        """What others have made or dropped."""
        from noisetamer.base.database import days

        self._there = {table: days.there(self._connection, table) for table in SCHEMA.by_day}

    def make(self, now: float, wanted: Iterable[int]) -> None:
        """Room for what comes next, and for the days that are wanted. now: Unix s. What cannot be
        made now is in the rest meanwhile."""
        if not self._on_server:
            return
        today = int(now) // DAY
        near = {day for day in wanted if today - BEHIND <= day <= today + AHEAD}
        if today + 1 not in self:
            near |= set(range(today, today + AHEAD + 1))
        for table in _LIVE:
            self._make(table, near - self._there[table])

    def make_packed(self, day: int) -> None:
        """Room for a day that is packed."""
        if self._on_server:
            self._make("past_minutes", {day} - self._there["past_minutes"])

    def clear(self, day: int) -> bool:
        """Empty the room of a packed day, in the writer's transaction; False where it has none."""
        if day not in self._there.get("past_minutes", ()):
            return False
        from noisetamer.base.database import days

        days.clear(self._connection, "past_minutes", day)
        return True

    def let_go(self, before: int) -> int:
        """Drop the room of days before one that are packed, or deleted; how many. What of their
        records stays goes to the rest."""
        if not self._on_server:
            return 0
        from noisetamer.base.database import days

        self.look()
        count = 0
        for table, keep in (("minute", ""), ("record", "TRUE"), ("past_minutes", "")):
            for day in sorted(one for one in self._there[table] if one < before):
                if table == "record" and day in self._there["minute"]:
                    continue  # somebody has not packed it yet
                if days.drop(self._connection, table, SCHEMA.by_day[table], day, keep):
                    self._there[table].discard(day)
                    count += 1
        return count

    def _make(self, table: str, wanted: set[int]) -> None:
        if not wanted:
            return
        from noisetamer.base.database import days

        try:
            days.make(self._connection, table, SCHEMA.by_day[table], wanted)
        except database.Error:
            return  # somebody reads there for long: the next batch asks again
        self._there[table] |= wanted
