"""Days that are over, packed: their records in one blob a boot, their minutes in one a unit.

Nothing that can be read changes: whoever asks for a minute or a record finds it in either form. A
record's bytes come back as they came, with a digest over them. Levels stand in the records only;
minutes name by their digests those that they are read with. Events stay as they are, and so does
the newest record of each boot, and whatever is not acknowledged or has no date yet.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from noisetamer.base import database
from noisetamer.hub.store import minutes, packed_day
from noisetamer.hub.store.minutes import Columns, Minute
from noisetamer.hub.store.packed_day import DAY, Kept
from tamer.record.reading import DATED_FROM

MINUTES = DAY // 60
# What has an older date is packed: reports of the day before may still be on their way.
PACKED_AFTER = 2 * DAY
# So many records of a boot are looked at in one step.
AT_ONCE = 20_000
_UNPACKED_KEPT = 4
# Bytes of a record's link that are kept: with those of all after it they tell what was changed.
MARK = 2

_MINUTE_ROWS = (
    "SELECT minute, LAeq, LAFmax, LCeq, LCpeak, flags FROM minute WHERE unit=?"
    " AND minute BETWEEN ? AND ?"
)
# Packed days, each with the records it is read with, in one statement: all of one moment.
_PACKED = """
    SELECT past.day, past.columns, kept.digest, kept.records FROM past_minutes AS past
    LEFT JOIN past_records AS kept ON kept.unit=past.unit AND kept.day=past.day
    AND length(kept.records)>0 AND substr(past.columns, 1, 1)=?
    WHERE past.unit=? AND past.day BETWEEN ? AND ? ORDER BY past.day"""
_RECORDS_OF_DAY = (
    "SELECT digest, records FROM past_records WHERE unit=? AND day=? AND length(records)>0"
    " ORDER BY id"
)
# Of a boot, oldest first, what may be packed.
_RECORDS = f"""
    SELECT seq, t, received, body, link FROM record WHERE unit=:unit AND boot=:boot
    AND t BETWEEN {DATED_FROM} AND :before - 1
    AND seq <= (SELECT seq FROM acked WHERE acked.unit=:unit AND acked.boot=:boot)
    AND seq < :newest
    AND NOT EXISTS (SELECT 1 FROM event WHERE event.unit=record.unit AND event.boot=record.boot
      AND event.seq=record.seq)
    ORDER BY seq LIMIT {AT_ONCE}"""
# Its newest record that is no event.
_NEWEST = """
    SELECT seq FROM record WHERE unit=:unit AND boot=:boot AND NOT EXISTS
    (SELECT 1 FROM event WHERE event.unit=record.unit AND event.boot=record.boot
    AND event.seq=record.seq) ORDER BY seq DESC LIMIT 1"""


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


Packed = PackedMinutes | PackedRecords


def to_pack(
    connection: database.Connection, before: int, owns: Callable[[str], bool] = lambda unit: True
) -> Iterator[Packed]:
    """What can be packed of the time before `before`, Unix s, a full day; only read. owns: units
    whose days are packed.

    Give each to `put` in the writer's transaction before the next is asked for.
    """
    last = before // 60 - 1
    unit = ""
    # first: minutes keep only what these do not say
    while unit := _next(connection, "SELECT unit FROM record WHERE unit>?", unit):
        for boot in list(_boots(connection, unit)) if owns(unit) else ():
            yield from _days_of_records(connection, unit, boot, before)
    unit = ""
    while unit := _next(connection, "SELECT unit FROM minute WHERE unit>?", unit):
        if owns(unit):
            yield from _days_of_minutes(connection, unit, last)


def put(connection: database.Connection, packed: Packed) -> bool:
    """Put a day in the place of its rows; False when they have changed since. In a transaction."""
    if isinstance(packed, PackedMinutes):
        first = packed.day * MINUTES
        bounds = packed.unit, first, first + MINUTES - 1
        if connection.execute(_MINUTE_ROWS, bounds).fetchall() != packed.rows:
            return False
        there = connection.execute(
            "SELECT digest FROM past_records WHERE unit=? AND day=? AND length(records)>0",
            (packed.unit, packed.day),
        )
        if not {digest[: packed_day.NAME] for (digest,) in there}.issuperset(
            packed_day.names_in(packed.blob)
        ):
            return False
        connection.execute(
            "INSERT INTO past_minutes VALUES(?,?,?)"
            " ON CONFLICT(unit, day) DO UPDATE SET columns=excluded.columns",
            (packed.unit, packed.day, packed.blob),
        )
        connection.execute("DELETE FROM minute WHERE unit=? AND minute BETWEEN ? AND ?", bounds)
        return True
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
    return True


def digest_of(records: Iterable[Kept]) -> bytes:
    """SHA-256 over their bodies, each after its length."""
    found = hashlib.sha256()
    for one in records:
        found.update(len(one.body).to_bytes(4, "little") + one.body)
    return found.digest()


def columns(
    connection: database.Connection, unit: str, start: int, length: int, packed: bool = True
) -> Columns:
    """Of `length` seconds from Unix time `start` on, those not received included.

    packed: whether the store can have packed days. Raises ValueError where the file is spoilt.
    """
    first, last = start // 60, (start + length - 1) // 60
    found = np.tile(minutes.empty(), last - first + 1)
    if packed:
        for day, whole in days(connection, unit, first // MINUTES, last // MINUTES):
            _paste(found, (day * MINUTES - first) * 60, whole)
    # What came since is whole minutes, with all that was known of them.
    for number, *blobs in connection.execute(_MINUTE_ROWS, (unit, first, last)):
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
    packed: bool = True,
) -> Columns:
    """As `columns`: what is not received of one unit is the next one's."""
    found = columns(connection, units[0], start, length, packed)
    for unit in units[1:]:
        missing = found[-1] == minutes.NOT_RECEIVED
        found[:, missing] = columns(connection, unit, start, length, packed)[:, missing]
    return found


def minute(connection: database.Connection, unit: str, number: int) -> Minute | None:
    """One minute in either form; None where there is none, or its packed day is spoilt."""
    row = connection.execute(
        "SELECT LAeq, LAFmax, LCeq, LCpeak, flags FROM minute WHERE unit=? AND minute=?",
        (unit, number),
    ).fetchone()
    if row:
        return minutes.from_blobs(row)
    at = number % MINUTES * 60
    try:
        for _, whole in days(connection, unit, number // MINUTES, number // MINUTES):
            return whole[:, at : at + 60]
    except ValueError:
        pass  # spoilt: the check says so
    return None


def newest_minute(connection: database.Connection, unit: str) -> int:
    """The newest of which there may be anything, in either form; -1 where there is nothing."""
    row = connection.execute(
        "SELECT minute FROM minute WHERE unit=? ORDER BY minute DESC LIMIT 1", (unit,)
    ).fetchone()
    past = connection.execute(
        "SELECT day FROM past_minutes WHERE unit=? ORDER BY day DESC LIMIT 1", (unit,)
    ).fetchone()
    return max(row[0] if row else -1, (past[0] + 1) * MINUTES - 1 if past else -1)


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
    """Every record of a boot in either form, its bytes as they came, by seq; without those that
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
        "SELECT records FROM past_records WHERE unit=? AND boot=? AND length(records)>0",
        (unit, boot),
    ):
        found += packed_day.unpack_records(blob)
    yield from sorted(found)


def between(
    connection: database.Connection, unit: str, boot: int, first: int, last: int
) -> list[Kept]:
    """The records of a boot from one sequence to another, in either form, by seq.

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
        "SELECT records FROM past_records WHERE unit=? AND boot=? AND last>=? AND first<=?"
        " AND length(records)>0",
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
        " WHERE unit=:unit AND boot=:boot AND last>:after AND length(records)>0) AS there",
        {"unit": unit, "boot": boot, "after": after},
    ).fetchone()
    return None if found is None else max(found, after + 1)


class PastRecords:
    """Records in packed days, for the writer: a unit may send one of them again."""

    def __init__(self, connection: database.Connection) -> None:
        self._connection = connection
        self._newest: dict[tuple[str, int], int] = {}
        self._unpacked: OrderedDict[int, dict[int, bytes]] = OrderedDict()

    def forget(self) -> None:
        """Something was packed, or a transaction rolled back."""
        self._newest.clear()

    def body(self, unit: str, boot: int, seq: int) -> bytes | None:
        """Of the record that has this name; None where none is packed."""
        if seq > self._last(unit, boot):
            return None
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
                "SELECT max(last) FROM past_records WHERE unit=? AND boot=?", key
            ).fetchone()
            self._newest[key] = last or 0
        return self._newest[key]

    def _bodies(self, id: int) -> dict[int, bytes]:
        if id not in self._unpacked:
            (blob,) = self._connection.execute(
                "SELECT records FROM past_records WHERE id=?", (id,)
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


def _days_of_minutes(
    connection: database.Connection, unit: str, last: int
) -> Iterator[PackedMinutes]:
    after = -1
    while row := connection.execute(
        "SELECT minute FROM minute WHERE unit=? AND minute>? AND minute<=? ORDER BY minute",
        (unit, after, last),
    ).fetchone():
        day = row[0] // MINUTES
        first = day * MINUTES
        after = first + MINUTES - 1
        rows = connection.execute(_MINUTE_ROWS, (unit, first, after)).fetchall()
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
    key = {"unit": unit, "boot": boot}
    newest = connection.execute(_NEWEST, key).fetchone()
    while newest:
        found = connection.execute(
            _RECORDS, {**key, "newest": newest[0], "before": before}
        ).fetchall()
        if not found:
            return
        # A link or none: those without have none in the packed day either.
        by_day: dict[tuple[int, bool], list[tuple[Kept, bytes]]] = {}
        for *columns, link in found:
            one = Kept(*columns)
            by_day.setdefault((one.t // DAY, link is not None), []).append((one, link or b""))
        for (day, linked), rows in sorted(by_day.items()):
            kept, links = zip(*rows, strict=True)
            marks = b"".join(link[:MARK] for link in links) if linked else None
            yield _packed(unit, boot, day, kept, marks, _known(connection, unit, day))


def _known(connection: database.Connection, unit: str, day: int) -> Columns | None:
    try:
        return columns(connection, unit, day * DAY, DAY)
    except ValueError:
        return None


def _packed(
    unit: str,
    boot: int,
    day: int,
    kept: Sequence[Kept],
    marks: bytes | None,
    known: Columns | None,
) -> PackedRecords:
    blob = packed_day.pack_records(kept, known)
    # What stands in their place must give them back.
    if packed_day.unpack_records(blob) != list(kept):
        raise ValueError(f"records of {unit} cannot be packed")
    seqs = [one.seq for one in kept]
    return PackedRecords(unit, boot, day, seqs, digest_of(kept), blob, marks)


def _boots(connection: database.Connection, unit: str) -> Iterator[int]:
    boot = -1
    while row := connection.execute(
        "SELECT boot FROM record WHERE unit=? AND boot>? ORDER BY boot LIMIT 1", (unit, boot)
    ).fetchone():
        (boot,) = row
        yield boot


def _next(connection: database.Connection, query: str, unit: str) -> str:
    row = connection.execute(f"{query} ORDER BY unit LIMIT 1", (unit,)).fetchone()
    return row[0] if row else ""


def _paste(whole: Columns, at: int, part: Columns) -> None:
    """`part` into `whole` from `at` on, as far as they overlap."""
    n = part.shape[1]
    begin, end = max(at, 0), min(at + n, whole.shape[1])
    if begin < end:
        whole[:, begin:end] = part[:, begin - at : end - at]
