"""Whether what the store holds is what was put into it, in steps that take little each."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from noisetamer.base import database
from noisetamer.hub.store import minutes, packed_day, past_days, roll_ups
from noisetamer.hub.store.schema import SCHEMA
from noisetamer.hub.wire_checks import RefusedError
from noisetamer.hub.wire_v1 import read_stored

STORE = "hub.sqlite"
_AT_ONCE = 500
# So many of one kind are told.
_MOST = 20


def of(connection: database.Connection, file: Path) -> Iterator[str]:
    """`problems` of a store of today's version, `tables` of any other database."""
    return (problems if is_store(connection, file) else tables)(connection)


def is_store(connection: database.Connection, file: Path) -> bool:
    """Of today's version. Raises database.Error."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return file.name == STORE and version == SCHEMA.version


def problems(connection: database.Connection) -> Iterator[str]:
    """A sentence for each thing that is wrong, "" after each step in which nothing was.

    connection: a store of today's version, only read.
    """
    yield from tables(connection)
    for look in (_records, _minutes, _past_hours, _past_records, _past_minutes, _hour_sums):
        try:
            yield from look(connection)
        except database.Error as error:
            yield f"cannot be read: {error}"


def tables(connection: database.Connection) -> Iterator[str]:
    """The pages of any file, table by table. A server looks after its own (checksums)."""
    if not isinstance(connection, sqlite3.Connection):
        yield ""
        return
    try:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
            )
        ]
        yield ""
        for name in names:
            quoted = name.replace('"', '""')
            for (found,) in connection.execute(f'PRAGMA integrity_check("{quoted}")').fetchall():
                yield "" if found == "ok" else f"table {name}: {' '.join(found.split())}"
        for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchall():
            yield f"table {table}: row {row} has no {parent}"
    except database.Error as error:
        yield f"cannot be read: {error}"


def _records(connection: database.Connection) -> Iterator[str]:
    """Each can be read, and says the name under which it is kept."""
    key = "", -1, -1
    while rows := connection.execute(
        "SELECT unit, boot, seq, body FROM record WHERE (unit, boot, seq) > (?, ?, ?)"
        f" ORDER BY unit, boot, seq LIMIT {_AT_ONCE}",
        key,
    ).fetchall():
        for *name, body in rows:
            unit, boot, seq = name
            try:
                record = read_stored(unit, body)
                told = record.boot, record.seq
            except RefusedError as error:
                yield f"record {boot}.{seq} of {unit}: {error}"
            else:
                if told != (boot, seq):
                    yield f"record {boot}.{seq} of {unit}: is record {told[0]}.{told[1]}"
        key = tuple(rows[-1][:3])
        yield ""


def _minutes(connection: database.Connection) -> Iterator[str]:
    for unit, minute in connection.execute(
        f"SELECT unit, minute FROM minute WHERE {minutes.SPOILT} LIMIT {_MOST}"
    ).fetchall():
        yield f"minute {minute} of {unit}: has not 60 seconds"
    yield ""


def _past_records(connection: database.Connection) -> Iterator[str]:
    id = 0
    while row := connection.execute(
        "SELECT id, unit, boot, first, last, digest, records FROM past_records WHERE id>?"
        " ORDER BY id LIMIT 1",
        (id,),
    ).fetchone():
        id, unit, boot, first, last, _, blob = row
        if blob:  # else deleted when its time was over
            yield _wrong_with(f"records {first} to {last} of boot {boot} of {unit}", *row[3:])


def _past_hours(connection: database.Connection) -> Iterator[str]:
    key = "", -1, -1, -1
    while row := connection.execute(
        "SELECT unit, hour, boot, first, last, digest, records FROM past_hours"
        " WHERE (unit, hour, boot, first) > (?, ?, ?, ?)"
        " ORDER BY unit, hour, boot, first LIMIT 1",
        key,
    ).fetchone():
        key = unit, _, boot, first = row[:4]
        yield _wrong_with(f"records {first} to {row[4]} of boot {boot} of {unit}", *row[3:])


def _wrong_with(what: str, first: int, last: int, digest: bytes, blob: bytes) -> str:
    """ "" where nothing is."""
    try:
        found = packed_day.unpack_records(blob)
    except ValueError as error:
        return f"{what}: {error}"
    if (found[0].seq, found[-1].seq) != (first, last) or past_days.digest_of(found) != digest:
        return f"{what}: are not those that were packed"
    return ""


def _past_minutes(connection: database.Connection) -> Iterator[str]:
    key = "", -1
    while row := connection.execute(
        "SELECT unit, day FROM past_minutes WHERE (unit, day) > (?, ?) ORDER BY unit, day LIMIT 1",
        key,
    ).fetchone():
        key = unit, day = row
        try:
            for _, columns in past_days.days(connection, unit, day, day):
                if columns.shape[1] != packed_day.DAY:
                    yield f"day {day} of {unit}: has not 86,400 seconds"
        except ValueError as error:
            yield f"day {day} of {unit}: {error}"
        yield ""


def _hour_sums(connection: database.Connection) -> Iterator[str]:
    last: tuple[str, int] | None = "", -1
    while last:
        last, wrong = roll_ups.spoilt(connection, last, _AT_ONCE)
        for unit, hour in wrong[:_MOST]:
            yield f"sum of the hour {hour} of {unit}: cannot be read"
        yield ""
