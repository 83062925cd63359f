"""Hours that are over of days that still run, packed: a boot's records of one in a blob.

What they say is what its minutes are: only a minute that is something else has a row, which holds.
In every other way they are as the records of a packed day (past_days.py), into which they go
(day_packing.py) when theirs is packed.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from noisetamer.base import database
from noisetamer.hub.store import minutes, packed_day
from noisetamer.hub.store.hour_sums import HOUR
from noisetamer.hub.store.minutes import Columns
from noisetamer.hub.store.packed_day import DAY, LONGEST

HOURS = DAY // HOUR

PACKED = (
    "(SELECT unit, boot, first, last, day, digest, records, marks FROM past_records"
    " WHERE length(records)>0 UNION ALL"
    f" SELECT unit, boot, first, last, hour/{HOURS} AS day, digest, records, marks"
    " FROM past_hours) AS packed"
)
"""SQL, in the place of a table: packed records of days and of hours, none of those deleted."""

OF_KEY = "unit=? AND hour=? AND boot=? AND first=?"
"""SQL: that one, by its `Key`."""


def packed_of(key: Sequence[object]) -> str:
    """SQL after FROM: what is packed of an hour, by its `Key`, or of a day, by (id,)."""
    return "past_records WHERE id=?" if len(key) == 1 else f"past_hours WHERE {OF_KEY}"


class Blob(NamedTuple):
    """Of one unit. hour: since 1970; first: sequence."""

    hour: int
    boot: int
    first: int
    records: bytes


class Key(NamedTuple):
    """Of a blob. hour: since 1970; first: sequence."""

    unit: str
    hour: int
    boot: int
    first: int


def blobs(connection: database.Connection, unit: str, start: int, length: int) -> list[Blob]:
    """All that may say some of `length` seconds from Unix time `start` on, in order."""
    last = start + length - 1
    rows = connection.execute(
        "SELECT hour, boot, first, records FROM past_hours WHERE unit=? AND hour BETWEEN ? AND ?"
        " ORDER BY hour, boot, first",
        (unit, start // HOUR, min((last + LONGEST) // HOUR, last // DAY * HOURS + HOURS - 1)),
    )
    return [Blob(*row) for row in rows]


def say(columns: Columns, start: int, found: Iterable[Blob]) -> None:
    """Put what blobs say into columns, shape (5, n), of the seconds from Unix time `start` on:
    none of the day before theirs, which is packed by itself.

    Raises ValueError for one that is spoilt.
    """
    for one in found:
        at = one.hour // HOURS * DAY - start
        packed_day.say(columns[:, max(0, at) :], [one.records], min(0, at))


def newest_minute(connection: database.Connection, unit: str) -> int:
    """The newest that any may say; -1 where there is none."""
    row = connection.execute(
        "SELECT hour FROM past_hours WHERE unit=? ORDER BY hour DESC LIMIT 1", (unit,)
    ).fetchone()
    return (row[0] + 1) * 60 - 1 if row else -1


def span(connection: database.Connection, unit: str) -> tuple[int, int] | None:
    """(first, last + 1) of a unit's seconds in packed hours, Unix time."""
    (first, last) = connection.execute(
        "SELECT min(hour), max(hour) FROM past_hours WHERE unit=?", (unit,)
    ).fetchone()
    if first is None:
        return None
    ends = []
    for hour, place in ((first, 0), (last, -1)):
        # The first record of an hour may begin before it.
        start = hour * HOUR - LONGEST
        columns = np.tile(minutes.empty(), 62)
        say(columns, start, blobs(connection, unit, start, HOUR + LONGEST))
        known = np.flatnonzero(columns[-1] != minutes.NOT_RECEIVED)
        if known.size:
            ends.append(start + int(known[place]))
    return (min(ends), max(ends) + 1) if ends else None


def days(connection: database.Connection, since: int = 0) -> Iterator[tuple[str, int]]:
    """(unit, day) of all of which hours are packed, from a day since 1970 on."""
    yield from connection.execute(
        f"SELECT DISTINCT unit, hour/{HOURS} FROM past_hours WHERE hour>=? ORDER BY 1, 2",
        (since * HOURS,),
    ).fetchall()
