"""Days that are over, packed: their records in one blob a boot, their minutes in one a unit.

Nothing that can be read changes: whoever asks for a minute or a record finds it in either form. A
record's bytes come back as they came, with a digest over them. Levels stand in the records only;
minutes name by their digests those that they are read with. Events stay as they are, and so does
the newest record of each boot, and whatever is not acknowledged or has no date yet.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np

from noisetamer.base import database
from noisetamer.hub.store import minutes, packed_day, past_hours
from noisetamer.hub.store.minutes import Columns, Minute
from noisetamer.hub.store.packed_day import DAY, Kept
from noisetamer.hub.store.past_hours import PACKED
from noisetamer.hub.store.schema import PAST_DAYS, PAST_HOURS, SCHEMA

MINUTES = DAY // 60
# What has an older date is packed: reports of the day before may still be on their way.
PACKED_AFTER = 2 * DAY
_UNPACKED_KEPT = 4
# Bytes of a record's link that are kept: with those of all after it they tell what was changed.
MARK = 2

MINUTE_ROWS = (
    "SELECT minute, LAeq, LAFmax, LCeq, LCpeak, flags FROM minute WHERE unit=?"
    " AND minute BETWEEN ? AND ?"
)
# Packed days, each with the records it is read with, in one statement: all of one moment.
_PACKED = """
    SELECT past.day, past.columns, kept.digest, kept.records FROM past_minutes AS past
    LEFT JOIN past_records AS kept ON kept.unit=past.unit AND kept.day=past.day
    AND length(kept.records)>0 AND substr(past.columns, 1, 1)=?
    WHERE past.unit=? AND past.day BETWEEN ? AND ? ORDER BY past.day"""


def digest_of(records: Iterable[Kept]) -> bytes:
    """SHA-256 over their bodies, each after its length."""
    found = hashlib.sha256()
    for one in records:
        found.update(len(one.body).to_bytes(4, "little") + one.body)
    return found.digest()


def columns(
    connection: database.Connection,
    unit: str,
    start: int,
    length: int,
    version: int = SCHEMA.version,
) -> Columns:
    """Of `length` seconds from Unix time `start` on, those not received included.

    version: of the store. Raises ValueError where the file is spoilt.
    """
    first, last = start // 60, (start + length - 1) // 60
    # The way they go is rows, hours, days: asked for in this order, what is packed meanwhile is
    # found twice, and never not at all.
    rows = connection.execute(MINUTE_ROWS, (unit, first, last)).fetchall()
    hours: list[past_hours.Blob] = []
    if version >= PAST_HOURS:
        hours = past_hours.blobs(connection, unit, 60 * first, 60 * (last - first + 1))
    found = np.tile(minutes.empty(), last - first + 1)
    if version >= PAST_DAYS:
        for day, whole in days(connection, unit, first // MINUTES, last // MINUTES):
            _paste(found, (day * MINUTES - first) * 60, whole)
    past_hours.say(found, 60 * first, hours)
    # Rows are whole minutes, with all that is known of them.
    for number, *blobs in rows:
        _paste(found, (number - first) * 60, minutes.from_blobs(tuple(blobs)))
    return found[:, start - 60 * first :][:, :length]


def rows(
    connection: database.Connection, unit: str, first: int, last: int
) -> Iterator[tuple[int, bytes, dict[bytes, bytes]]]:
    """(day, its packed minutes, {digest: packed records} that these are read with), by day."""
    found = connection.execute(_PACKED, (packed_day.OF_RECORDS, unit, first, last))
    for (day, blob), of_day in groupby(found, lambda row: row[:2]):
        yield day, blob, {digest: kept for *_, digest, kept in of_day if digest is not None}


def days(
    connection: database.Connection, unit: str, first: int, last: int
) -> Iterator[tuple[int, Columns]]:
    """(day, its columns, shape (5, DAY)) of each that is packed, from day `first` to `last`.

    Raises ValueError for one that is spoilt, or of which records are.
    """
    for day, blob, of_day in rows(connection, unit, first, last):
        yield day, packed_day.unpack_columns(blob, of_day)


def columns_of(
    connection: database.Connection,
    units: Sequence[str],
    start: int,
    length: int,
    version: int = SCHEMA.version,
) -> Columns:
    """As `columns`: what is not received of one unit is the next one's."""
    found = columns(connection, units[0], start, length, version)
    for unit in units[1:]:
        missing = found[-1] == minutes.NOT_RECEIVED
        found[:, missing] = columns(connection, unit, start, length, version)[:, missing]
    return found


def minute(connection: database.Connection, unit: str, number: int) -> Minute | None:
    """One minute in any form; None where there is none, or what it is packed in is spoilt."""
    row = connection.execute(
        "SELECT LAeq, LAFmax, LCeq, LCpeak, flags FROM minute WHERE unit=? AND minute=?",
        (unit, number),
    ).fetchone()
    if row:
        return minutes.from_blobs(row)
    try:
        found = columns(connection, unit, 60 * number, 60)
    except ValueError:
        return None  # the check says so
    return None if (found[-1] == minutes.NOT_RECEIVED).all() else found


def newest_minute(connection: database.Connection, unit: str) -> int:
    """The newest of which there may be anything, in any form; -1 where there is nothing."""
    row = connection.execute(
        "SELECT minute FROM minute WHERE unit=? ORDER BY minute DESC LIMIT 1", (unit,)
    ).fetchone()
    past = connection.execute(
        "SELECT day FROM past_minutes WHERE unit=? ORDER BY day DESC LIMIT 1", (unit,)
    ).fetchone()
    of_day = (past[0] + 1) * MINUTES - 1 if past else -1
    return max(row[0] if row else -1, of_day, past_hours.newest_minute(connection, unit))


def span(connection: database.Connection, unit: str) -> tuple[int, int] | None:
    """(first, last + 1) of a unit's seconds in packed days, Unix time."""
    ends = []
    for order, place in (("ASC", 0), ("DESC", -1)):
        row = connection.execute(
            f"SELECT day FROM past_minutes WHERE unit=? ORDER BY day {order} LIMIT 1", (unit,)
        ).fetchone()
        if row is None:
            return None
        for day, whole in days(connection, unit, row[0], row[0]):
            known = np.flatnonzero(whole[-1] != minutes.NOT_RECEIVED)
            ends.append(DAY * day + int(known[place]))
    return ends[0], ends[1] + 1


def records(connection: database.Connection, unit: str, boot: int) -> Iterator[Kept]:
    """Every record of a boot in any form, its bytes as they came, by seq; without those that
    were deleted when their time was over.

    Raises ValueError where the file is spoilt.
    """
    found = [
        Kept(*row)
        for row in connection.execute(
            "SELECT seq, t, received, body FROM record WHERE unit=? AND boot=?", (unit, boot)
        )
    ]
    for (blob,) in connection.execute(
        f"SELECT records FROM {PACKED} WHERE unit=? AND boot=?", (unit, boot)
    ):
        found += packed_day.unpack_records(blob)
    yield from sorted(found)


def between(
    connection: database.Connection, unit: str, boot: int, first: int, last: int
) -> list[Kept]:
    """The records of a boot from one sequence to another, in any form, by seq.

    Raises ValueError where the file is spoilt.
    """
    found = [
        Kept(*row)
        for row in connection.execute(
            "SELECT seq, t, received, body FROM record"
            " WHERE unit=? AND boot=? AND seq BETWEEN ? AND ?",
            (unit, boot, first, last),
        )
    ]
    for (blob,) in connection.execute(
        f"SELECT records FROM {PACKED} WHERE unit=? AND boot=? AND last>=? AND first<=?",
        (unit, boot, first, last),
    ):
        found += [one for one in packed_day.unpack_records(blob) if first <= one.seq <= last]
    return sorted(found)


def next_seq(connection: database.Connection, unit: str, boot: int, after: int) -> int | None:
    """A sequence of this boot beyond which, and not before, the next record after one may be."""
    (found,) = connection.execute(
        "SELECT min(seq) FROM (SELECT min(seq) AS seq FROM record"
        " WHERE unit=:unit AND boot=:boot AND seq>:after"
        " UNION ALL SELECT min(first) FROM past_records"
        " WHERE unit=:unit AND boot=:boot AND last>:after AND length(records)>0"
        " UNION ALL SELECT min(first) FROM past_hours"
        " WHERE unit=:unit AND boot=:boot AND last>:after) AS there",
        {"unit": unit, "boot": boot, "after": after},
    ).fetchone()
    return None if found is None else max(found, after + 1)


class PastRecords:
    """Records in packed days and hours, for the writer: a unit may send one of them again."""

    def __init__(self, connection: database.Connection) -> None:
        self._connection = connection
        self._newest: dict[tuple[str, int], int] = {}
        # by the key of an hour, and the id of what is of a day
        self._unpacked: OrderedDict[int | past_hours.Key, dict[int, bytes]] = OrderedDict()

    def forget(self) -> None:
        """Something was packed, or a transaction rolled back."""
        self._newest.clear()

    def body(self, unit: str, boot: int, seq: int) -> bytes | None:
        """Of the record that has this name; None where none is packed."""
        if seq > self._last(unit, boot):
            return None
        key = unit, boot, seq, seq
        hours = self._connection.execute(
            "SELECT unit, hour, boot, first FROM past_hours"
            " WHERE unit=? AND boot=? AND first<=? AND last>=?",
            key,
        ).fetchall()
        for row in hours:
            if (body := self._bodies(past_hours.Key(*row)).get(seq)) is not None:
                return body
        return self.body_of_day(*key[:3])

    def body_of_day(self, unit: str, boot: int, seq: int) -> bytes | None:
        """As `body`, in packed days only."""
        for (id,) in self._connection.execute(
            "SELECT id FROM past_records WHERE unit=? AND boot=? AND first<=? AND last>=?",
            (unit, boot, seq, seq),
        ).fetchall():
            if (body := self._bodies(id).get(seq)) is not None:
                return body
        return None

    def _last(self, unit: str, boot: int) -> int:
        key = unit, boot
        if key not in self._newest:
            (last,) = self._connection.execute(
                "SELECT max(last) FROM (SELECT max(last) AS last FROM past_records"
                " WHERE unit=?1 AND boot=?2 UNION ALL SELECT max(last) FROM past_hours"
                " WHERE unit=?1 AND boot=?2) AS there",
                key,
            ).fetchone()
            self._newest[key] = last or 0
        return self._newest[key]

    def _bodies(self, id: int | past_hours.Key) -> dict[int, bytes]:
        if id not in self._unpacked:
            key = (id,) if isinstance(id, int) else id
            (blob,) = self._connection.execute(
                f"SELECT records FROM {past_hours.packed_of(key)}", key
            ).fetchone()
            try:
                found = packed_day.unpack_records(blob)
            except ValueError:
                # Spoilt: the check says so. What the unit still has is stored anew.
                found = []
            self._unpacked[id] = {one.seq: one.body for one in found}
            if len(self._unpacked) > _UNPACKED_KEPT:
                self._unpacked.popitem(last=False)
        self._unpacked.move_to_end(id)
        return self._unpacked[id]


def _paste(whole: Columns, at: int, part: Columns) -> None:
    """`part` into `whole` from `at` on, as far as they overlap."""
    n = part.shape[1]
    begin, end = max(at, 0), min(at + n, whole.shape[1])
    if begin < end:
        whole[:, begin:end] = part[:, begin - at : end - at]
