"""A store that was put together from what could be read of two: made consistent again.

What it holds twice serves for what is lost once: minutes are folded anew from their records.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from noisetamer.base import database
from noisetamer.hub.store import losses, minutes, packed_day, past_days, past_hours, roll_ups
from noisetamer.hub.store.losses import Hole
from noisetamer.hub.store.minutes import Minute
from noisetamer.hub.store.past_days import MINUTES, PastRecords
from noisetamer.hub.wire import Seconds
from noisetamer.hub.wire_checks import RefusedError
from noisetamer.hub.wire_v1 import read_stored
from tamer.record.reading import is_dated

_DELETE_HOUR = f"DELETE FROM past_hours WHERE {past_hours.OF_KEY}"


def mend(connection: database.Connection) -> None:
    """Let go of what is spoilt inside, of what is there twice, and fold minutes anew."""
    with database.transaction(connection):
        _drop_spoilt(connection)
        _drop_what_is_packed(connection)
        _fold(connection)
        roll_ups.mend(connection)


def note_what_is_missing(connection: database.Connection, at: float) -> list[Hole]:
    """Note, and tell, which records up to each mark are not there, as far as it is not known."""
    known = losses.holes(connection, 0)
    gaps = []
    for unit, boot, mark in connection.execute("SELECT unit, boot, seq FROM acked").fetchall():
        expected = 1
        for seq in [*_seqs(connection, unit, boot, mark), mark + 1]:
            if seq > expected and not _is_known(known, unit, boot, expected, seq - 1):
                gaps.append((unit, boot, expected, seq - 1))
            expected = seq + 1
    losses.note_holes(connection, at, gaps)
    return losses.holes(connection, at)


def _is_known(known: list[Hole], unit: str, boot: int, first: int, last: int) -> bool:
    return any(
        (one.unit, one.boot) == (unit, boot) and one.first <= first and one.last >= last
        for one in known
    )


def _seqs(connection: database.Connection, unit: str, boot: int, mark: int) -> list[int]:
    found = {one.seq for one in past_days.records(connection, unit, boot)}
    refused = connection.execute("SELECT seq FROM refused WHERE unit=? AND boot=?", (unit, boot))
    deleted = connection.execute(
        "SELECT first, last FROM past_records WHERE unit=? AND boot=? AND length(records)=0",
        (unit, boot),
    )
    found |= {seq for first, last in deleted for seq in range(first, last + 1)}
    return sorted(seq for seq in found | {seq for (seq,) in refused} if 0 < seq <= mark)


def _drop_spoilt(connection: database.Connection) -> None:
    for unit, boot, seq, body in connection.execute(
        "SELECT unit, boot, seq, body FROM record"
    ).fetchall():
        try:
            record = read_stored(unit, body)
        except (RefusedError, TypeError):
            record = None
        if record is None or (record.boot, record.seq) != (boot, seq):
            for table in ("record", "event"):
                connection.execute(
                    f"DELETE FROM {table} WHERE unit=? AND boot=? AND seq=?", (unit, boot, seq)
                )
    connection.execute(f"DELETE FROM minute WHERE {minutes.SPOILT}")
    for (id,) in connection.execute("SELECT id FROM past_records").fetchall():
        (blob,) = connection.execute(
            "SELECT records FROM past_records WHERE id=?", (id,)
        ).fetchone()
        if not blob:
            continue  # deleted when its time was over
        try:
            packed_day.unpack_records(blob)
        except ValueError:
            connection.execute("DELETE FROM past_records WHERE id=?", (id,))
    for key, blob in _hours(connection):
        try:
            packed_day.unpack_records(blob)
        except ValueError:
            connection.execute(_DELETE_HOUR, key)
    for key in connection.execute("SELECT unit, day FROM past_minutes").fetchall():
        try:
            list(past_days.days(connection, key[0], key[1], key[1]))
        except ValueError:
            _drop_minutes(connection, *key)


def _drop_minutes(connection: database.Connection, unit: str, day: int) -> None:
    """Of a packed day that is spoilt, or of which records are; what it tells by itself stays, what
    is left of its records is folded anew."""
    (blob,) = connection.execute(
        "SELECT columns FROM past_minutes WHERE unit=? AND day=?", (unit, day)
    ).fetchone()
    connection.execute("DELETE FROM past_minutes WHERE unit=? AND day=?", (unit, day))
    try:
        places, columns = packed_day.of_no_record(blob)
    except ValueError:
        return
    for number in np.unique(places // 60).tolist():
        there = places // 60 == number
        minute = minutes.empty()
        minute[:, places[there] % 60] = columns[:, there]
        _put(connection, unit, day * MINUTES + number, minute)


def _drop_what_is_packed(connection: database.Connection) -> None:
    """Rows of a backup of before they were packed."""
    connection.execute(
        f"DELETE FROM minute WHERE EXISTS (SELECT 1 FROM past_minutes AS past"
        f" WHERE past.unit=minute.unit AND past.day=minute.minute/{MINUTES})"
    )
    connection.execute(
        "DELETE FROM past_records WHERE id NOT IN"
        " (SELECT min(id) FROM past_records GROUP BY unit, boot, first, last, digest)"
    )
    packed = PastRecords(connection)
    for key, blob in _hours(connection):
        names = [(key.unit, key.boot, one.seq) for one in packed_day.unpack_records(blob)]
        if all(packed.body_of_day(*name) is not None for name in names):
            connection.execute(_DELETE_HOUR, key)
    for unit, boot, seq in connection.execute(
        "SELECT unit, boot, seq FROM record ORDER BY unit, boot, seq"
    ).fetchall():
        is_event = connection.execute(
            "SELECT 1 FROM event WHERE unit=? AND boot=? AND seq=?", (unit, boot, seq)
        ).fetchone()
        if not is_event and packed.body(unit, boot, seq) is not None:
            connection.execute(
                "DELETE FROM record WHERE unit=? AND boot=? AND seq=?", (unit, boot, seq)
            )


def _fold(connection: database.Connection) -> None:
    """Minutes as their records have them; those that are there take them in as they did before."""
    for unit, seconds in _seconds(connection):
        for number, first, columns in minutes.by_minute(seconds):
            known = past_days.minute(connection, unit, number)
            minute = minutes.empty() if known is None else known.copy()
            minutes.put(minute, first, columns)
            if known is None or not np.array_equal(minute, known):
                _put(connection, unit, number, minute)
    for key, blob in _hours(connection):
        _fold_hour(connection, key, blob)


def _fold_hour(connection: database.Connection, key: past_hours.Key, blob: bytes) -> None:
    """What it says is there without a row: one may be of before, or of what hides it."""
    unit, first = key.unit, key.hour * 60 - 1
    known = past_days.columns(connection, unit, 60 * first, 61 * 60)
    found = known.copy()
    for one in packed_day.unpack_records(blob):
        for _, seconds in _dated(unit, one.t, one.body):
            for number, at, columns in minutes.by_minute(seconds):
                minutes.put(found, (number - first) * 60 + at, columns)
    for place in np.flatnonzero((found != known).any(axis=0).reshape(-1, 60).any(axis=1)):
        minute = found[:, 60 * place : 60 * place + 60]
        _put(connection, unit, first + int(place), minute)


def _hours(connection: database.Connection) -> Iterator[tuple[past_hours.Key, bytes]]:
    rows = connection.execute("SELECT unit, hour, boot, first FROM past_hours ORDER BY 1, 2, 3, 4")
    for key in [past_hours.Key(*row) for row in rows]:
        row = connection.execute(
            f"SELECT records FROM past_hours WHERE {past_hours.OF_KEY}", key
        ).fetchone()
        yield key, row[0]


def _put(connection: database.Connection, unit: str, number: int, minute: Minute) -> None:
    connection.execute(minutes.PUT, (unit, number, *minutes.blobs(minute)))
    roll_ups.touch(connection, [(unit, number)], 0.0)


def _seconds(connection: database.Connection) -> Iterator[tuple[str, Seconds]]:
    """Records of Seconds with a date: rows, and those packed whose minutes are not."""
    rows = connection.execute("SELECT unit, t, body FROM record").fetchall()
    for unit, t, body in rows:
        yield from _dated(unit, t, body)
    lone = connection.execute(
        "SELECT unit, records FROM past_records AS past WHERE NOT EXISTS (SELECT 1 FROM"
        " past_minutes WHERE past_minutes.unit=past.unit AND past_minutes.day=past.day)"
    ).fetchall()
    for unit, blob in lone:
        for one in packed_day.unpack_records(blob) if blob else ():
            yield from _dated(unit, one.t, one.body)


def _dated(unit: str, t: int, body: bytes) -> Iterator[tuple[str, Seconds]]:
    record = read_stored(unit, body)
    if isinstance(record, Seconds) and is_dated(t):
        # Its date may be of afterwards: t is that of its last second.
        yield unit, replace(record, t=t - len(record.seconds) + 1)
