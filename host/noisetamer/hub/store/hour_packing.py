"""Hours that are over are packed (past_hours.py) while their day still runs, an hour of a unit at
a time: a day that is not packed yet takes little more than one that is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from noisetamer.base import database
from noisetamer.hub.store import minutes, past_hours
from noisetamer.hub.store.day_packing import (
    PackedRecords,
    boots,
    next_unit,
    packed_records,
    rows_of,
)
from noisetamer.hub.store.hour_sums import HOUR
from noisetamer.hub.store.minutes import Columns, Minute
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.past_days import MINUTE_ROWS, columns
from noisetamer.hub.store.past_hours import HOURS, Blob

AFTER = HOUR
"""s that an hour is over, and its newest record here, before it is packed."""
AT_LEAST = 36
"""Records of a boot: fewer take hardly less than their rows, and wait for their day."""
_UNITS_AT_ONCE = 8


@dataclass(frozen=True)
class PackedHour:
    """hour: since 1970; records: of each boot; rows: its minutes that were rows; spared: those of
    which the records say all; others: {minute: seconds} that they do not say so.
    """

    unit: str
    hour: int
    records: list[PackedRecords]
    rows: list[tuple[int, ...]]
    spared: list[int]
    others: dict[int, Minute]


def to_pack(
    connection: database.Connection,
    now: float,
    since: int,
    owns: Callable[[str], bool] = lambda unit: True,
    at_least: int = AT_LEAST,
) -> Iterator[list[PackedHour]]:
    """Hours of some units at a time, of days from `since` (since 1970) on; only read. now: Unix s;
    owns: units whose hours are packed.

    Give each to `put` in the writer's transaction before the next is asked for.
    """
    found: list[PackedHour] = []
    unit = ""
    while unit := next_unit(connection, "SELECT unit FROM minute WHERE unit>?", unit):
        for hour in _due(connection, unit, now, since, at_least) if owns(unit) else ():
            if found and (found[-1].unit == unit or len(found) == _UNITS_AT_ONCE):
                yield found
                found = []
            if packed := _packed(connection, unit, hour, now, at_least):
                found.append(packed)
    if found:
        yield found


def put(connection: database.Connection, packed: PackedHour) -> bool:
    """Put an hour in the place of its rows; False when they have changed. In a transaction."""
    unit, hour = packed.unit, packed.hour
    if connection.execute(MINUTE_ROWS, (unit, *_minutes_of(hour))).fetchall() != packed.rows:
        return False
    for one in packed.records:
        connection.execute(
            "INSERT INTO past_hours VALUES(?,?,?,?,?,?,?,?)",
            (
                *(unit, hour, one.boot, one.seqs[0], one.seqs[-1]),
                *(one.digest, one.blob, one.marks),
            ),
        )
        connection.executemany(
            "DELETE FROM record WHERE unit=? AND boot=? AND seq=?",
            [(unit, one.boot, seq) for seq in one.seqs],
        )
    connection.executemany(
        "DELETE FROM minute WHERE unit=? AND minute=?",
        [(unit, minute) for minute in packed.spared],
    )
    for number, minute in packed.others.items():
        connection.execute(minutes.PUT, (unit, number, *minutes.blobs(minute)))
    return True


def _due(
    connection: database.Connection, unit: str, now: float, since: int, at_least: int
) -> list[int]:
    """Hours that are over, and have more minutes as rows than is to be expected of one that is
    packed.
    """
    rows = connection.execute(
        "SELECT minute/60, count(*) FROM minute WHERE unit=? AND minute BETWEEN ? AND ?"
        " GROUP BY 1 ORDER BY 1",
        (unit, since * HOURS * 60, int(now - AFTER) // HOUR * 60 - 1),
    ).fetchall()
    return [hour for hour, count in rows if count >= at_least // 6]


def _packed(
    connection: database.Connection, unit: str, hour: int, now: float, at_least: int
) -> PackedHour | None:
    first, last = _minutes_of(hour)
    start, length = 60 * first, 60 * (last - first + 1)
    rows = connection.execute(MINUTE_ROWS, (unit, first, last)).fetchall()
    try:
        there = past_hours.blobs(connection, unit, start, length)
        known = columns(connection, unit, start, length)
        in_day = _in_day(known, start)
        records = list(_records(connection, unit, hour, now, at_least, in_day))
        if not records:
            return None
        there += [Blob(hour, one.boot, one.seqs[0], one.blob) for one in records]
        said = np.tile(minutes.empty(), last - first + 1)
        past_hours.say(said, start, sorted(there))
    except ValueError:
        return None  # spoilt: the check says so
    differs = (said != known).any(axis=0).reshape(-1, 60).any(axis=1)
    are_rows = {row[0] for row in rows}
    others = {first + int(place) for place in np.flatnonzero(differs)}
    return PackedHour(
        *(unit, hour, records, rows, sorted(are_rows - others)),
        {one: known[:, 60 * (one - first) :][:, :60] for one in sorted(others - are_rows)},
    )


def _records(
    connection: database.Connection,
    unit: str,
    hour: int,
    now: float,
    at_least: int,
    known: Columns,
) -> Iterator[PackedRecords]:
    for boot in boots(connection, unit):
        # What came late before the last packed day waits for its own.
        (after,) = connection.execute(
            "SELECT max(last) FROM past_records WHERE unit=? AND boot=?", (unit, boot)
        ).fetchone()
        # What fills a gap is proved by the link before it.
        begin = hour * HOUR
        rows = rows_of(connection, unit, boot, begin, begin + HOUR, after or 0, spare=1)
        for linked in (False, True):
            some = [one for one in rows if (one.mark is not None) == linked]
            settled = all(one.kept.received <= now - AFTER for one in some)
            if len(some) >= at_least and settled:
                yield packed_records(unit, boot, hour // HOURS, some, known)


def _in_day(known: Columns, start: int) -> Columns:
    """In the place that its seconds, from Unix time `start` on, have in their day."""
    whole = np.tile(minutes.empty(), HOURS * 60)
    whole[:, start % DAY :][:, : known.shape[1]] = known
    return whole


def _minutes_of(hour: int) -> tuple[int, int]:
    """The first and the last that its records say; the one before it too, if it is of that day."""
    return hour * 60 - (hour % HOURS > 0), hour * 60 + 59
