"""One day of all units as a store of its own: what is kept elsewhere before it is deleted here.

Every tool that reads a hub's folder reads such a file too: export, backtest, check.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.hub.store import packed_day, past_days, roll_ups
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.schema import SCHEMA

# Of a unit's day: its minutes, its records with their digests, its events with their records.
_COPIED = (
    ("past_minutes", "unit=:unit AND day=:day"),
    ("past_records", "unit=:unit AND day=:day AND length(records)>0"),
    ("event", "unit=:unit AND t BETWEEN :begin AND :end"),
    (
        "record",
        "unit=:unit AND EXISTS (SELECT 1 FROM event AS e WHERE e.unit=record.unit"
        " AND e.boot=record.boot AND e.seq=record.seq AND e.t BETWEEN :begin AND :end)",
    ),
)


@dataclass(frozen=True)
class Exported:
    """units: {unit: (its minutes as packed, ids of its records)}; sha256: of the file."""

    file: Path
    day: int
    sha256: str
    units: dict[str, tuple[bytes, list[int]]]


def write(store: Path, file: Path, day: int, units: Iterable[str]) -> Exported:
    """Export a packed day of these units, and read it again.

    Raises ValueError where what is written is not what is stored, database.Error and OSError.
    """
    units = list(units)
    partial = file.with_name(file.name + ".partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(partial, isolation_level=None)) as new:
        database.migrate(new, partial, SCHEMA)
        with (
            closing(database.reader(store)) as old,
            database.one_moment(old),
            database.transaction(new),
        ):
            for unit in units:
                key = {"unit": unit, "day": day, "begin": day * DAY, "end": day * DAY + DAY - 1}
                for table, condition in _COPIED:
                    _copy(old, new, table, condition, key)
        found = {unit: _verified(new, unit, day) for unit in units}
    digest = hashlib.sha256(partial.read_bytes()).hexdigest()
    partial.replace(file)
    return Exported(file, day, digest, found)


def delete(
    connection: database.Connection, exported: Exported, at: float, clear: Callable[[int], bool]
) -> list[str]:
    """Delete what was exported, of every unit to which nothing has come since; these units.

    Of the records their names and digest stay, and the fact. In the writer's transaction. clear:
    lets go of all packed minutes of a day at once, where it can.
    """
    deleted = []
    for unit, (columns, ids) in exported.units.items():
        key = unit, exported.day
        row = connection.execute(
            "SELECT columns FROM past_minutes WHERE unit=? AND day=?", key
        ).fetchone()
        now = connection.execute(
            "SELECT id FROM past_records WHERE unit=? AND day=? AND length(records)>0", key
        ).fetchall()
        if row is None or row[0] != columns or sorted(id for (id,) in now) != sorted(ids):
            continue
        roll_ups.settle(connection, unit, exported.day * DAY, (exported.day + 1) * DAY)
        connection.executemany(
            "UPDATE past_records SET records=? WHERE id=?", [(b"", id) for id in ids]
        )
        connection.execute(
            "INSERT INTO deleted_day VALUES(?,?,?,?,?,?) ON CONFLICT(unit, day) DO UPDATE SET"
            " at=excluded.at, file=excluded.file, sha256=excluded.sha256,"
            " records=excluded.records",
            (*key, at, str(exported.file), exported.sha256, len(ids)),
        )
        deleted.append(unit)
    day = exported.day
    (there,) = connection.execute(
        "SELECT count(*) FROM past_minutes WHERE day=?", (day,)
    ).fetchone()
    if not (there == len(deleted) and clear(day)):
        connection.executemany(
            "DELETE FROM past_minutes WHERE unit=? AND day=?", [(unit, day) for unit in deleted]
        )
    return deleted


def packed_days(connection: database.Connection, before: int) -> dict[int, list[str]]:
    """{day: units that have it packed, and nothing of it beside}, of days before one, in order."""
    found: dict[int, list[str]] = {}
    for unit, day in connection.execute(
        "SELECT unit, day FROM past_minutes AS past WHERE day<? AND NOT EXISTS (SELECT 1 FROM"
        " minute WHERE minute.unit=past.unit AND minute BETWEEN day*1440 AND day*1440+1439)"
        " AND NOT EXISTS (SELECT 1 FROM past_hours AS hours WHERE hours.unit=past.unit"
        " AND hour BETWEEN day*24 AND day*24+23)"
        " ORDER BY day, unit",
        (before,),
    ):
        found.setdefault(day, []).append(unit)
    return found


def _copy(
    old: database.Connection,
    new: database.Connection,
    table: str,
    condition: str,
    key: dict[str, Any],
) -> None:
    names = [name for _, name, *_ in new.execute(f"PRAGMA table_info({table})")]
    columns, marks = ", ".join(names), ", ".join("?" * len(names))
    rows = old.execute(f"SELECT {columns} FROM {table} WHERE {condition}", key)
    new.executemany(f"INSERT INTO {table}({columns}) VALUES({marks})", rows)


def _verified(new: database.Connection, unit: str, day: int) -> tuple[bytes, list[int]]:
    """Read from the file itself, and every record of it."""
    (columns,) = new.execute(
        "SELECT columns FROM past_minutes WHERE unit=? AND day=?", (unit, day)
    ).fetchone()
    list(past_days.days(new, unit, day, day))
    ids = []
    for id, digest, records in new.execute(
        "SELECT id, digest, records FROM past_records WHERE unit=? AND day=?", (unit, day)
    ):
        if past_days.digest_of(packed_day.unpack_records(records)) != digest:
            raise ValueError(f"records of {unit} are not those that were packed")
        ids.append(id)
    return columns, ids
