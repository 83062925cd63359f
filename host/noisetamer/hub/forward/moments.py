"""Facts that are moments: what units did, whether they are connected, how incidents changed.

A store that was brought back gives its numbers again, to other things: a key made of one has the
moment in it too.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.hub.forward import facts
from noisetamer.hub.forward.audience import Audience
from noisetamer.hub.forward.facts import Fact
from noisetamer.hub.store.queries import Queries
from tamer.record.reading import is_dated

AT_ONCE = 2000
LATE_SECONDS = 90.0

_ENTRIES = """
    SELECT entry.id, entry.t, entry.at, entry.what, incident.id, square, kind, state, facts
    FROM entry JOIN incident ON incident.id=entry.incident WHERE entry.id>?
    ORDER BY entry.id LIMIT ?"""
_TOLD_OF_INCIDENTS = ("level", "limit", "stage", "begin", "end")
_BY_PEOPLE = ("reason", "detail")
"""Fields of the event `order`: what a person wrote."""


@dataclass(frozen=True)
class Read:
    """Facts of a source, and how far it is read then; mark: None where nothing was new."""

    facts: list[Fact] = field(default_factory=list)
    mark: int | None = None
    more: bool = False


def newest(connection: Any, table: str) -> int:
    """The highest id there is; 0 in an empty table."""
    return connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]


def moved(mark: int, first: int, ids: Sequence[int]) -> int | None:
    """Where a mark is when what follows `first` was read; None: where it was.

    A store that was brought back may have less than was read: the mark goes back to its end, or
    what comes next there would count as read.
    """
    if ids:
        return ids[-1]
    return first if first < mark else None


def of_units(queries: Queries, mark: int, audience: Audience, by_their_clocks: bool) -> Read:
    """Events and statuses after a mark of the feed. What has no date yet is told when it has."""
    first = min(mark, queries.feed_end())
    news = queries.feed(first, AT_ONCE)
    found: list[Fact] = []
    for one in news:
        t = one.t
        if one.kind == "status":
            if audience.wants(facts.STATUS, one.unit):
                at = t if t is not None and is_dated(t) else int(one.received)
                what = "online" if one.fields.get("online") else "offline"
                key = f"{one.unit}/status/{one.id}/{at}"
                found.append(_moment(audience, facts.STATUS, key, one.unit, at, what, {}))
        elif one.kind == "deleted" or t is None or not is_dated(t):
            continue
        elif audience.wants(facts.EVENT, one.unit):
            late = not by_their_clocks and one.received - t > LATE_SECONDS
            name = (one.unit, one.boot, one.seq)
            found.append(_event(audience, name, t, one.kind, one.fields, late))
    return Read(found, moved(mark, first, [one.id for one in news]), len(news) == AT_ONCE)


def dated_afterwards(store: Any, name: tuple[str, int, int], audience: Audience) -> Iterator[Fact]:
    """The event of that name, which had no date when it came."""
    row = store.execute(
        "SELECT t, kind, fields FROM event WHERE unit=? AND boot=? AND seq=?", name
    ).fetchone()
    if row and audience.wants(facts.EVENT, name[0]):
        t, kind, fields = row
        yield _event(audience, name, t, kind, json.loads(fields), late=True)


def of_incidents(file: Path, mark: int, audience: Audience) -> Read:
    """What became of incidents after a mark of their entries."""
    with closing(database.reader(file)) as incidents:
        first = min(mark, newest(incidents, "entry"))
        rows = incidents.execute(_ENTRIES, (first, AT_ONCE)).fetchall()
    found = []
    for entry, t, at, what, id, square, kind, state, text in rows:
        told = json.loads(text)
        units = told.get("units", [])
        if what not in facts.CHANGES or not audience.wants_incident(units, square):
            continue
        unit = audience.unit(units[0] if units else "")
        when = int(t) if is_dated(t) else int(at)
        fields = {"id": id, "kind": kind, "state": state, "units": units}
        fields |= {name: told.get(name) for name in _TOLD_OF_INCIDENTS}
        where = (unit.id, unit.name, square)
        key = f"incident/{entry}/{when}"
        late = bool(told.get("late"))
        found.append(Fact(facts.INCIDENT, key, *where, when, when, late, what=what, fields=fields))
    return Read(found, moved(mark, first, [row[0] for row in rows]), len(rows) == AT_ONCE)


def _event(
    audience: Audience,
    name: tuple[str, int | None, int | None],
    t: int,
    kind: str,
    fields: Mapping[str, Any],
    late: bool,
) -> Fact:
    told = {
        field: value
        for field, value in fields.items()
        if kind != "order" or field not in _BY_PEOPLE
    }
    key = "/".join(map(str, name))
    return _moment(audience, facts.EVENT, key, name[0], t, kind, told, late)


def _moment(
    audience: Audience,
    kind: str,
    key: str,
    unit: str,
    t: int,
    what: str,
    fields: Mapping[str, Any],
    late: bool = False,
) -> Fact:
    known = audience.unit(unit)
    where = (unit, known.name, known.square)
    return Fact(kind, key, *where, t, t, late, what=what, fields=fields)
