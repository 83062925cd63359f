"""Days that are over go into their packed form (past_days.py), a day of a unit at a time: rows,
and hours that were packed while it ran (past_hours.py).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from noisetamer.base import database
from noisetamer.hub.store import packed_day, past_hours
from noisetamer.hub.store.minutes import Columns
from noisetamer.hub.store.packed_day import DAY, Kept
from noisetamer.hub.store.past_days import MARK, MINUTE_ROWS, MINUTES, columns, digest_of
from tamer.record.reading import DATED_FROM

# So many records of a boot are looked at in one step.
AT_ONCE = 20_000

_RECORDS_OF_DAY = (
    "SELECT digest, records FROM past_records WHERE unit=? AND day=? AND length(records)>0"
    " ORDER BY id"
)
# Of a boot, oldest first, what may be packed.
_RECORDS = f"""
    SELECT seq, t, received, body, link FROM record WHERE unit=:unit AND boot=:boot
    AND t BETWEEN :since AND :before - 1
    AND seq <= (SELECT seq FROM acked WHERE acked.unit=:unit AND acked.boot=:boot) - :spare
    AND seq > :after AND seq < :newest
    AND NOT EXISTS (SELECT 1 FROM event WHERE event.unit=record.unit AND event.boot=record.boot
      AND event.seq=record.seq)
    ORDER BY seq LIMIT {AT_ONCE}"""
_HOURS = (
    "SELECT hour, boot, first, digest, records, marks FROM past_hours WHERE unit=?"
    " AND hour BETWEEN ? AND ? ORDER BY hour, boot, first"
)
# Its newest record that is no event.
_NEWEST = """
    SELECT seq FROM record WHERE unit=:unit AND boot=:boot AND NOT EXISTS
    (SELECT 1 FROM event WHERE event.unit=record.unit AND event.boot=record.boot
    AND event.seq=record.seq) ORDER BY seq DESC LIMIT 1"""


class Row(NamedTuple):
    """A record that is to be packed. mark: the first MARK bytes of its link, None where it has
    none.
    """

    kept: Kept
    mark: bytes | None


@dataclass(frozen=True)
class PackedMinutes:
    """day: since 1970; rows: those that went in, as they were; blob: what becomes of them."""

    unit: str
    day: int
    rows: list[tuple[int, ...]]
    blob: bytes


@dataclass(frozen=True)
class PackedRecords:
    """Records of one boot with times of one day, by seq. marks: the first MARK bytes of the link
    of each; None where they have no links.
    """

    unit: str
    boot: int
    day: int
    seqs: list[int]
    digest: bytes
    blob: bytes
    marks: bytes | None


@dataclass(frozen=True)
class ClosedDay:
    """A day of which hours are packed. hours: those that go in, (hour, boot, first, digest);
    records: theirs and those that are rows; minutes: read with these.
    """

    unit: str
    day: int
    hours: list[tuple[int, int, int, bytes]]
    records: list[PackedRecords]
    minutes: PackedMinutes


Packed = PackedMinutes | PackedRecords | ClosedDay


def to_pack(
    connection: database.Connection, before: int, owns: Callable[[str], bool] = lambda unit: True
) -> Iterator[Packed]:
    """What can be packed of the time before `before`, Unix s, a full day; only read. owns: units
    whose days are packed.

    Give each to `put` in the writer's transaction before the next is asked for.
    """
    for unit, day in past_hours.days(connection):
        if day < before // DAY and owns(unit) and (closed := _closed(connection, unit, day)):
            yield closed
    last = before // 60 - 1
    unit = ""
    # first: minutes keep only what these do not say
    while unit := next_unit(connection, "SELECT unit FROM record WHERE unit>?", unit):
        for boot in list(boots(connection, unit)) if owns(unit) else ():
            yield from _days_of_records(connection, unit, boot, before)
    unit = ""
    while unit := next_unit(connection, "SELECT unit FROM minute WHERE unit>?", unit):
        if owns(unit):
            yield from _days_of_minutes(connection, unit, last)


def put(connection: database.Connection, packed: Packed) -> bool:
    """Put a day in the place of its rows; False when they have changed since. In a transaction."""
    if isinstance(packed, ClosedDay):
        return _put_closed(connection, packed)
    if isinstance(packed, PackedMinutes):
        if not _holds(connection, packed):
            return False
        _put_minutes(connection, packed)
    else:
        _put_records(connection, packed)
    return True


def _put_minutes(connection: database.Connection, packed: PackedMinutes) -> None:
    connection.execute(
        "INSERT INTO past_minutes VALUES(?,?,?)"
        " ON CONFLICT(unit, day) DO UPDATE SET columns=excluded.columns",
        (packed.unit, packed.day, packed.blob),
    )
    connection.execute(
        "DELETE FROM minute WHERE unit=? AND minute BETWEEN ? AND ?",
        (packed.unit, *_minutes_of(packed.day)),
    )


def _put_records(connection: database.Connection, packed: PackedRecords) -> None:
    connection.execute(
        "INSERT INTO past_records(unit, boot, first, last, day, digest, records, marks)"
        " VALUES(?,?,?,?,?,?,?,?)",
        (
            *(packed.unit, packed.boot, packed.seqs[0], packed.seqs[-1], packed.day),
            *(packed.digest, packed.blob, packed.marks),
        ),
    )
    connection.executemany(
        "DELETE FROM record WHERE unit=? AND boot=? AND seq=?",
        [(packed.unit, packed.boot, seq) for seq in packed.seqs],
    )


def _days_of_minutes(
    connection: database.Connection, unit: str, last: int
) -> Iterator[PackedMinutes]:
    after = -1
    while row := connection.execute(
        "SELECT minute FROM minute WHERE unit=? AND minute>? AND minute<=? ORDER BY minute",
        (unit, after, last),
    ).fetchone():
        day = row[0] // MINUTES
        _, after = _minutes_of(day)
        if connection.execute(_HOURS, (unit, *_hours_of(day))).fetchone():
            continue  # it goes with them, or they are spoilt
        rows = _minute_rows(connection, unit, day)
        # with what is packed of it already
        whole = columns(connection, unit, day * DAY, DAY)
        kept = dict(connection.execute(_RECORDS_OF_DAY, (unit, day)).fetchall())
        yield PackedMinutes(unit, day, rows, _packed_minutes(whole, kept))


def _packed_minutes(whole: Columns, kept: dict[bytes, bytes]) -> bytes:
    try:
        blob = packed_day.pack_columns(whole, kept)
        if np.array_equal(packed_day.unpack_columns(blob, kept), whole):
            return blob
    except ValueError:
        pass  # records are spoilt, as the check says: minutes then stand by themselves
    return packed_day.pack_columns(whole)


def _days_of_records(
    connection: database.Connection, unit: str, boot: int, before: int
) -> Iterator[PackedRecords]:
    while found := rows_of(connection, unit, boot, DATED_FROM, before):
        # A link or none: those without have none in the packed day either.
        by_day: dict[tuple[int, bool], list[Row]] = {}
        for one in found:
            by_day.setdefault((one.kept.t // DAY, one.mark is not None), []).append(one)
        for (day, _), rows in sorted(by_day.items()):
            yield packed_records(unit, boot, day, rows, _known(connection, unit, day))


def _known(connection: database.Connection, unit: str, day: int) -> Columns | None:
    try:
        return columns(connection, unit, day * DAY, DAY)
    except ValueError:
        return None


def rows_of(
    connection: database.Connection,
    unit: str,
    boot: int,
    since: int,
    before: int,
    after: int = 0,
    spare: int = 0,
) -> list[Row]:
    """What may be packed of a boot, of since <= t < before, Unix s, by seq; at most AT_ONCE.

    after: sequence beyond which; spare: so many sequences up to the mark are none of it.
    """
    key = {"unit": unit, "boot": boot}
    newest = connection.execute(_NEWEST, key).fetchone()
    if newest is None:
        return []
    times = {"since": since, "before": before}
    seqs = {"after": after, "spare": spare, "newest": newest[0]}
    rows = connection.execute(_RECORDS, key | times | seqs)
    return [Row(Kept(*row), None if link is None else link[:MARK]) for *row, link in rows]


def packed_records(
    unit: str, boot: int, day: int, rows: Sequence[Row], known: Columns | None
) -> PackedRecords:
    """rows: of one day, by seq, all with a mark or none; known: of that day, shape (5, DAY)."""
    kept = [one.kept for one in rows]
    blob = packed_day.pack_records(kept, known)
    # What stands in their place must give them back.
    if packed_day.unpack_records(blob) != kept:
        raise ValueError(f"records of {unit} cannot be packed")
    marks = None
    if rows[0].mark is not None:
        marks = b"".join(one.mark or b"" for one in rows)
    seqs = [one.seq for one in kept]
    return PackedRecords(unit, boot, day, seqs, digest_of(kept), blob, marks)


def _closed(connection: database.Connection, unit: str, day: int) -> ClosedDay | None:
    """None where something of it is spoilt, as the check says: then it stays in its hours."""
    hours = connection.execute(_HOURS, (unit, *_hours_of(day))).fetchall()
    found: dict[tuple[int, bool], list[Row]] = {}
    try:
        for _, boot, _, digest, blob, marks in hours:
            kept = packed_day.unpack_records(blob)
            if digest_of(kept) != digest:
                return None
            found.setdefault((boot, marks is not None), []).extend(_marked(kept, marks))
        whole = columns(connection, unit, day * DAY, DAY)
    except ValueError:
        return None
    for boot in boots(connection, unit):
        for row in rows_of(connection, unit, boot, day * DAY, (day + 1) * DAY):
            found.setdefault((boot, row.mark is not None), []).append(row)
    records = [
        packed_records(unit, boot, day, sorted(rows), whole)
        for (boot, _), rows in sorted(found.items())
    ]
    rows = _minute_rows(connection, unit, day)
    kept = dict(connection.execute(_RECORDS_OF_DAY, (unit, day)).fetchall())
    kept |= {one.digest: one.blob for one in records}
    minutes = PackedMinutes(unit, day, rows, _packed_minutes(whole, kept))
    return ClosedDay(unit, day, [row[:4] for row in hours], records, minutes)


def _put_closed(connection: database.Connection, closed: ClosedDay) -> bool:
    """All of it or nothing: between two steps its minutes would be nowhere."""
    bounds = closed.unit, *_hours_of(closed.day)
    if [row[:4] for row in connection.execute(_HOURS, bounds)] != closed.hours:
        return False
    if not _holds(connection, closed.minutes, closed.records):
        return False
    connection.execute("DELETE FROM past_hours WHERE unit=? AND hour BETWEEN ? AND ?", bounds)
    for one in closed.records:
        _put_records(connection, one)
    _put_minutes(connection, closed.minutes)
    return True


def _holds(
    connection: database.Connection, packed: PackedMinutes, besides: Sequence[PackedRecords] = ()
) -> bool:
    """Whether its rows are as they were, and the records by which it is read are stored still, or
    come with it.
    """
    if _minute_rows(connection, packed.unit, packed.day) != packed.rows:
        return False
    rows = connection.execute(
        "SELECT digest FROM past_records WHERE unit=? AND day=? AND length(records)>0",
        (packed.unit, packed.day),
    )
    digests = [*(digest for (digest,) in rows), *(one.digest for one in besides)]
    names = {digest[: packed_day.NAME] for digest in digests}
    return names.issuperset(packed_day.names_in(packed.blob))


def _marked(kept: Sequence[Kept], marks: bytes | None) -> list[Row]:
    if marks is None:
        return [Row(one, None) for one in kept]
    return [Row(one, marks[MARK * n : MARK * n + MARK]) for n, one in enumerate(kept)]


def _minute_rows(connection: database.Connection, unit: str, day: int) -> list[tuple[int, ...]]:
    return connection.execute(MINUTE_ROWS, (unit, *_minutes_of(day))).fetchall()


def _minutes_of(day: int) -> tuple[int, int]:
    """The first and the last."""
    return day * MINUTES, (day + 1) * MINUTES - 1


def _hours_of(day: int) -> tuple[int, int]:
    """The first and the last."""
    return day * past_hours.HOURS, (day + 1) * past_hours.HOURS - 1


def boots(connection: database.Connection, unit: str) -> Iterator[int]:
    boot = -1
    while row := connection.execute(
        "SELECT boot FROM record WHERE unit=? AND boot>? ORDER BY boot LIMIT 1", (unit, boot)
    ).fetchone():
        (boot,) = row
        yield boot


def next_unit(connection: database.Connection, query: str, unit: str) -> str:
    row = connection.execute(f"{query} ORDER BY unit LIMIT 1", (unit,)).fetchone()
    return row[0] if row else ""
