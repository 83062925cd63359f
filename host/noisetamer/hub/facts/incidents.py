"""Incidents as rows."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from noisetamer.base import database
from noisetamer.hub.store.hour_sums import HOUR

AT_ONCE = 500
"""So many rows are asked for at most."""

_SELECT = """SELECT id, square, kind, state, opened, resolved, facts,
  (SELECT count(*) FROM entry WHERE entry.incident=incident.id AND what='called')
  FROM incident"""


def marks(connection: database.Connection) -> tuple[int, int]:
    """(newest incident, newest entry)."""
    (incident,) = connection.execute("SELECT coalesce(max(id), 0) FROM incident").fetchone()
    (entry,) = connection.execute("SELECT coalesce(max(id), 0) FROM entry").fetchone()
    return incident, entry


def changed(connection: database.Connection, incident: int, entry: int) -> list[int]:
    """Those that are new since, that something was done in, or that go on. incident, entry: the
    marks of before."""
    rows = connection.execute(
        "SELECT id FROM incident WHERE id>? OR wake IS NOT NULL UNION"
        " SELECT DISTINCT incident FROM entry WHERE id>? ORDER BY 1",
        (incident, entry),
    )
    return [id for (id,) in rows]


def rows(connection: database.Connection, ids: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Of facts.tables.incidents, without what the boxes told of them."""
    marks = ",".join("?" * len(ids))
    for row in connection.execute(f"{_SELECT} WHERE id IN ({marks}) ORDER BY id", ids):
        yield _row(*row)


def _row(
    id: int,
    square: str,
    kind: str,
    state: str,
    opened: float,
    resolved: float | None,
    text: str,
    called: int,
) -> tuple[Any, ...]:
    facts = json.loads(text)
    begin, end = facts.get("begin"), facts.get("end")
    t = int(opened if begin is None else begin)
    over = resolved if resolved is not None else facts.get("closed")
    if begin is not None:
        # by the clock of the unit, as its begin
        over = end
    until = None if over is None else max(t, int(over))
    units = facts.get("units", ())
    return (
        *(id, units[0] if units else None, square, t, t // HOUR * HOUR, until, kind, state),
        *(facts.get("level"), facts.get("limit"), None, 0),
        int(called > 0),
        facts.get("reopened", 0),
    )
