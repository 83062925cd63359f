"""The file of incidents: incidents, what was done in them, the outbox, and up to where the news
are done. One transaction holds whatever belongs together.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from noisetamer.base.database import Connection, SharedFile
from noisetamer.hub.incidents import escalation, rules
from noisetamer.hub.incidents.incident import EFFECT_KINDS, Effect, Entry, Incident
from noisetamer.hub.incidents.schema import SCHEMA

UNFINISHED = 1e18
"""A time to wake at that never comes: only an event will do."""

_COLUMNS = ("id", "square", "kind", "state", "opened", "resolved")
_SELECT = f"SELECT {', '.join(_COLUMNS)}, facts, chain FROM incident"
_EFFECT = "key, incident, kind, person, contact, due, state, attempts, detail, fields"


@dataclass(frozen=True)
class Case:
    """An incident and the state of its escalation."""

    incident: Incident
    chain: escalation.State


@dataclass(frozen=True)
class Silence:
    """Maintenance: until then nobody is called for the square. at: when it was said; Unix s."""

    square: str
    until: float
    reason: str
    by: str
    at: float


class Book(SharedFile):
    """May be used by several threads, one after the other. Raises database.Error."""

    def __init__(self, file: Path) -> None:
        """Open or create. Raises UserError for a file that is something else, or newer."""
        self.file = file
        super().__init__(file, SCHEMA)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Of a transaction: what fails in it leaves the rest."""
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO part")
                self._connection.execute("RELEASE part")
            raise
        self._connection.execute("RELEASE part")

    def mark(self) -> tuple[int, float] | None:
        """(id of the last news that is done, when that was); None in a new file."""
        rows = self._rows("SELECT feed, at FROM mark")
        return rows[0] if rows else None

    def set_mark(self, feed: int, at: float) -> None:
        self._do(
            "INSERT INTO mark VALUES(1, ?, ?)"
            " ON CONFLICT(id) DO UPDATE SET feed=excluded.feed, at=excluded.at",
            *(feed, at),
        )

    def units(self) -> dict[str, rules.Unit]:
        return {
            unit: rules.from_fields(json.loads(state))
            for unit, state in self._rows("SELECT unit, state FROM unit")
        }

    def set_unit(self, id: str, unit: rules.Unit) -> None:
        self._do(
            "INSERT INTO unit VALUES(?, ?) ON CONFLICT(unit) DO UPDATE SET state=excluded.state",
            *(id, json.dumps(rules.to_fields(unit))),
        )

    def new(self, incident: Incident, chain: escalation.State) -> Case:
        """Its id is given here."""
        with self._lock:
            ((id,),) = self._rows(
                "INSERT INTO incident(square, kind, state, opened, facts, chain)"
                " VALUES(?,?,?,?,?,?) RETURNING id",
                *(incident.square, incident.kind, incident.state, incident.opened, "{}", "{}"),
            )
        return Case(replace(incident, id=id), chain)

    def put(self, case: Case, wake: float | None) -> None:
        incident = vars(case.incident)
        facts = {name: value for name, value in incident.items() if name not in _COLUMNS}
        self._do(
            "UPDATE incident SET state=?, resolved=?, wake=?, facts=?, chain=? WHERE id=?",
            incident["state"],
            incident["resolved"],
            None if wake is None else min(wake, UNFINISHED),
            json.dumps(facts),
            json.dumps(escalation.to_fields(case.chain)),
            incident["id"],
        )

    def case(self, id: int) -> Case | None:
        return next(iter(self._cases("WHERE id=?", id)), None)

    def newest(self, square: str, kind: str) -> Case | None:
        """The last to begin of one kind in a square."""
        found = self._cases("WHERE square=? AND kind=? ORDER BY id DESC LIMIT 1", square, kind)
        return next(iter(found), None)

    def unfinished(self) -> list[Case]:
        """Whose cause holds, or somebody sees to it."""
        return self._cases("WHERE wake IS NOT NULL ORDER BY id")

    def next_wake(self) -> float:
        """Unix s; UNFINISHED or later: only an event will do."""
        return self._rows("SELECT coalesce(min(wake), ?) FROM incident", UNFINISHED)[0][0]

    def incidents(
        self,
        square: str | None = None,
        states: Iterable[str] | None = None,
        kinds: Iterable[str] | None = None,
        since: float | None = None,
        most: int = 200,
        squares: Iterable[str] | None = None,
        before: int | None = None,
    ) -> list[Incident]:
        """The newest first. since: opened, or over, or not yet over then, Unix s; squares: of any
        of these; before: those with a lower number."""
        conditions, values = ["TRUE"], []
        for column, wanted in (("state", states), ("kind", kinds), ("square", squares)):
            if wanted is not None:
                wanted = tuple(wanted)
                conditions.append(f"{column} IN ({','.join('?' * len(wanted))})")
                values += wanted
        if square is not None:
            conditions.append("square=?")
            values.append(square)
        if since is not None:
            conditions.append("(opened>=? OR resolved>=? OR state IN ('open', 'acknowledged'))")
            values += [since, since]
        if before is not None:
            conditions.append("id<?")
            values.append(before)
        where = f"WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT ?"
        return [case.incident for case in self._cases(where, *values, most)]

    def held(self, hold: Callable[[Connection], None]) -> None:
        """Within a transaction: raises what `hold` does where this hub may not decide."""
        with self._lock:
            hold(self._connection)

    def enter(self, incident: int, entry: Entry) -> None:
        self._do(
            "INSERT INTO entry(incident, t, at, what, who, fields) VALUES(?,?,?,?,?,?)",
            incident,
            entry.t,
            entry.at,
            entry.what,
            entry.by,
            json.dumps(entry.fields),
        )

    def timeline(self, incident: int) -> list[Entry]:
        """In the order in which the hub knew."""
        rows = self._rows(
            "SELECT t, at, what, who, fields FROM entry WHERE incident=? ORDER BY id", incident
        )
        return [Entry(t, at, what, by, json.loads(fields)) for t, at, what, by, fields in rows]

    def add(self, effect: Effect) -> bool:
        """To the outbox; False where it is there already, whatever became of it."""
        with self._lock:
            added = self._connection.execute(
                f"INSERT INTO effect({_EFFECT}) VALUES(?,?,?,?,?,?,?,?,?,?)"
                " ON CONFLICT(key) DO NOTHING",
                (
                    *(effect.key, effect.incident, effect.kind, effect.person, effect.contact),
                    *(effect.due, effect.state, effect.attempts, effect.detail),
                    json.dumps(effect.fields),
                ),
            )
        return added.rowcount > 0

    def set_effect(self, effect: Effect) -> None:
        self._do(
            "UPDATE effect SET state=?, due=?, attempts=?, detail=? WHERE key=?",
            effect.state,
            effect.due,
            effect.attempts,
            effect.detail,
            effect.key,
        )

    def withdraw(self, effect: Effect, at: float) -> None:
        """It is not wanted any more; the timeline says so. at: Unix s."""
        self.set_effect(replace(effect, state="withdrawn"))
        fields = {"kind": effect.kind, "person": effect.person, "key": effect.key}
        fields |= {"contact": effect.contact, "detail": effect.detail}
        self.enter(effect.incident, Entry(at, at, "withdrawn", "", fields))

    def effect(self, key: str) -> Effect | None:
        return next(iter(self._effects("WHERE key=?", key)), None)

    def effects(self, incident: int) -> list[Effect]:
        """All of an incident."""
        return self._effects("WHERE incident=? ORDER BY due, key", incident)

    def due(self, at: float, kinds: Sequence[str] = EFFECT_KINDS, most: int = 100) -> list[Effect]:
        """What is to be done now, the oldest first. at: Unix s."""
        return self._effects(
            f"WHERE state='due' AND due<=? AND kind IN ({','.join('?' * len(kinds))})"
            " ORDER BY due, key LIMIT ?",
            at,
            *kinds,
            most,
        )

    def next_due(self, kinds: Sequence[str] = EFFECT_KINDS) -> float | None:
        """When the next is due, Unix s; None where nothing is."""
        return self._rows(
            "SELECT min(due) FROM effect WHERE state='due'"
            f" AND kind IN ({','.join('?' * len(kinds))})",
            *kinds,
        )[0][0]

    def silence(self, silence: Silence) -> None:
        self._do(
            "INSERT INTO silence(square, until, reason, who, at) VALUES(?,?,?,?,?)",
            silence.square,
            silence.until,
            silence.reason,
            silence.by,
            silence.at,
        )

    def silences(self, square: str | None = None) -> list[Silence]:
        """The last of each square, or of one."""
        rows = self._rows(
            "SELECT square, until, reason, who, at FROM silence WHERE id IN"
            " (SELECT max(id) FROM silence WHERE CAST(?1 AS TEXT) IS NULL OR square=?1"
            " GROUP BY square)",
            square,
        )
        return [Silence(*row) for row in rows]

    def unreached(self) -> dict[str, dict[int, str]]:
        """{square: {person: why}} of those to whom nothing could be delivered."""
        found: dict[str, dict[int, str]] = {}
        for person, square, what in self._rows(
            "SELECT person, square, what FROM unreached ORDER BY person"
        ):
            found.setdefault(square, {})[person] = what
        return found

    def set_unreached(self, person: int, square: str, what: str) -> None:
        self._do(
            "INSERT INTO unreached VALUES(?,?,?)"
            " ON CONFLICT(person) DO UPDATE SET square=excluded.square, what=excluded.what",
            *(person, square, what),
        )

    def set_reached(self, person: int) -> None:
        self._do("DELETE FROM unreached WHERE person=?", person)

    def forget_unreached(self, square: str) -> None:
        self._do("DELETE FROM unreached WHERE square=?", square)

    def _cases(self, where: str, *values: Any) -> list[Case]:
        found = []
        for *columns, facts, chain in self._rows(f"{_SELECT} {where}", *values):
            told = json.loads(facts)
            told["units"] = tuple(told.get("units", ()))
            incident = Incident(**dict(zip(_COLUMNS, columns, strict=True)), **told)
            found.append(Case(incident, escalation.from_fields(json.loads(chain))))
        return found

    def _effects(self, where: str, *values: Any) -> list[Effect]:
        return [
            Effect(*row, fields=json.loads(fields))
            for *row, fields in self._rows(f"SELECT {_EFFECT} FROM effect {where}", *values)
        ]
