"""What a unit has told of its own condition, for whoever keeps a fleet well."""

import json
from dataclasses import dataclass
from typing import Any

from noisetamer.base import database
from tamer.record.reading import DATED_FROM

CARED = ("boot", "clock", "self-check", "doctor", "lost", "hour")
"""Kinds of event that say something of it; the store has an index of them (schema.py)."""
NIGHTS = 30
HOURS = 24
HOUR = 3600

# SQLite uses a partial index where its condition stands in the query, word by word.
_EVENT = "event INDEXED BY event_of_condition"
OF_CARE = f"kind IN {CARED}"


@dataclass(frozen=True)
class Told:
    """An event. t: Unix s, or undated."""

    t: int
    fields: dict[str, Any]


@dataclass(frozen=True)
class Condition:
    """boot, clock, doctor, lost: the newest of each, None where there was none; checks: the last
    NIGHTS self-checks, oldest first; reference: since when they compare, Unix s; status: what it
    said last of its link, and `received`, when, Unix s by the hub's clock; valid: seconds that
    count, of the `seconds` of the last HOURS whole hours, or since the first it summed up.
    """

    boot: Told | None
    clock: Told | None
    doctor: Told | None
    lost: Told | None
    checks: tuple[Told, ...]
    reference: int | None
    status: dict[str, Any]
    received: float | None
    valid: int
    seconds: int


def read(connection: database.Connection, unit: str, until: float) -> Condition:
    """until: now, Unix s."""

    def newest(kind: str, count: int = 1, where: str = "") -> list[Told]:
        rows = connection.execute(
            f"SELECT t, fields FROM {_EVENT} WHERE {OF_CARE} AND unit=? AND kind=? {where}"
            " ORDER BY t DESC LIMIT ?",
            (unit, kind, count),
        )
        return [Told(t, json.loads(fields)) for t, fields in rows]

    def first(found: list[Told]) -> Told | None:
        return found[0] if found else None

    row = connection.execute(
        f"SELECT t FROM {_EVENT} WHERE {OF_CARE} AND unit=? AND kind='hour'"
        f" AND t>={DATED_FROM} ORDER BY t LIMIT 1",
        (unit,),
    ).fetchone()
    first_hour: int | None = row[0] if row else None
    end = int(until) // HOUR * HOUR
    # told when it is over: the hour before
    begin = max(end - HOURS * HOUR, end if first_hour is None else first_hour - HOUR)
    hours = [
        told.fields
        for told in newest("hour", 3 * HOURS, f"AND t>={begin}")
        if begin <= told.fields["start"] < end
    ]
    row = connection.execute(
        "SELECT received, fields FROM status WHERE unit=?", (unit,)
    ).fetchone()
    reference = first(newest("self-check", 1, """AND fields LIKE '%"verdict": "reference"%'"""))
    return Condition(
        boot=first(newest("boot")),
        clock=first(newest("clock")),
        doctor=first(newest("doctor")),
        lost=first(newest("lost")),
        checks=tuple(newest("self-check", NIGHTS)[::-1]),
        reference=reference.t if reference and reference.t >= DATED_FROM else None,
        status=json.loads(row[1]) if row else {},
        received=row[0] if row else None,
        valid=sum(one["valid_seconds"] for one in hours),
        seconds=max(0, end - begin),
    )
