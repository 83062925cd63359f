"""Records and events that a batch brings, put into the store together: one statement a table."""

import json

from noisetamer.base import database
from noisetamer.hub.store.days import Days
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.wire import Event, Record
from tamer.record.reading import is_dated

Key = tuple[str, int, int]
"""Unit, boot and sequence."""

_RECORD = ("unit", "boot", "seq", "t", "received", "body", "link")
_EVENT = ("unit", "boot", "seq", "t", "kind", "fields")


class Arrivals:
    """Within the writer's transactions."""

    def __init__(self, connection: database.Connection, days: Days) -> None:
        self._connection = connection
        self._days = days
        self._taken: dict[Key, tuple[float, Record]] = {}

    def forget(self) -> None:
        """A transaction was rolled back."""
        self._taken.clear()

    def body(self, key: Key) -> bytes | None:
        """Of a record that has come, and is not written yet."""
        found = self._taken.get(key)
        return found[1].body if found else None

    def add(self, received: float, record: Record) -> None:
        """One whose name no other has. received: the hub's own time, Unix s."""
        self._taken[record.unit, record.boot, record.seq] = received, record

    def write(self) -> None:
        """Before anybody asks the store for them."""
        if not self._taken:
            return
        records = [
            (*key, record.last, received, record.body, record.link)
            for key, (received, record) in self._taken.items()
        ]
        if self._days:
            # events stay when their day is packed
            days = [self._day(record) for _, record in self._taken.values()]
            rows = [(*row, day) for row, day in zip(records, days, strict=True)]
            database.put(self._connection, "record", (*_RECORD, "day"), rows)
        else:
            database.put(self._connection, "record", _RECORD, records)
        events = [
            (*key, one.t, one.kind, json.dumps(one.fields))
            for key, (_, one) in self._taken.items()
            if isinstance(one, Event)
        ]
        database.put(self._connection, "event", _EVENT, events)
        self._taken.clear()

    def _day(self, record: Record) -> int:
        day = record.last // DAY if is_dated(record.last) else 0
        return day if not isinstance(record, Event) and day in self._days else 0
