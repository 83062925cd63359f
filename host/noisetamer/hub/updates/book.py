"""The file of roll-outs: each with its units, what is to be done for it, what people want, and up
to where the news are done. One transaction holds whatever belongs together.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.base.database import SharedFile
from noisetamer.hub.updates import loads, rollout
from noisetamer.hub.updates.loads import Body, Load
from noisetamer.hub.updates.schema import SCHEMA

FILE = "updates.sqlite"

GIVE, WITHDRAW = "give", "withdraw"


@dataclass(frozen=True)
class Rollout:
    """One roll-out, and how it stands. at: when it was asked for, Unix s; by, role: by whom."""

    id: int
    at: float
    by: str
    role: str
    reason: str
    load: Load
    state: rollout.State


@dataclass(frozen=True)
class Due:
    """An effect that is to be carried out. kind: GIVE, WITHDRAW."""

    rollout: int
    kind: str
    unit: str
    attempt: int


@dataclass(frozen=True)
class Asked:
    """What somebody wants. what: "push", "stop", "resume", "stamp"; answer: None before the hub
    has taken it, "" where it does so."""

    id: int
    at: float
    by: str
    role: str
    what: str
    fields: dict[str, Any]
    answer: str | None = None


@dataclass(frozen=True)
class Entry:
    """What happened. at: Unix s."""

    at: float
    what: str
    fields: dict[str, Any]


class Book(SharedFile):
    """May be used by several threads, one after the other, and by other programs meanwhile.
    Raises database.Error."""

    def __init__(self, file: Path) -> None:
        """Open or create. Raises UserError for a file that is something else, or newer."""
        super().__init__(file, SCHEMA)

    def hold(self, hold: Callable[[database.Connection], None]) -> None:
        """Within a transaction: ask whether this hub may write."""
        hold(self._connection)

    def mark(self) -> int | None:
        """The id of the last news that is done; None in a new file."""
        rows = self._rows("SELECT feed FROM mark")
        return rows[0][0] if rows else None

    def set_mark(self, feed: int) -> None:
        self._do(
            "INSERT INTO mark VALUES(1, ?) ON CONFLICT(id) DO UPDATE SET feed=excluded.feed", feed
        )

    def keep(self, body: bytes) -> str:
        """What is to be rolled out; its SHA-256."""
        digest = hashlib.sha256(body).hexdigest()
        self._do("INSERT INTO load VALUES(?, ?) ON CONFLICT(sha256) DO NOTHING", digest, body)
        return digest

    def body(self, body: Body) -> bytes:
        """What is sent of it."""
        return self._rows("SELECT body FROM load WHERE sha256=?", body.sha256)[0][0]

    def forget_bodies(self) -> None:
        """Of all but the newest roll-out, and what is asked for."""
        wanted = {digest for one in self.newest() for digest in one.load.digests}
        for asked in self.asked():
            if "load" in asked.fields:
                wanted |= loads.from_fields(asked.fields["load"]).digests
        for (digest,) in self._rows("SELECT sha256 FROM load"):
            if digest not in wanted:
                self._do("DELETE FROM load WHERE sha256=?", digest)

    def new(self, asked: Asked, load: Load, reason: str, state: rollout.State) -> int:
        """The id of a roll-out that begins."""
        with self._lock:
            ((id,),) = self._rows(
                "INSERT INTO rollout(at, who, role, reason, load, head) VALUES(?,?,?,?,?,?)"
                " RETURNING id",
                *(asked.at, asked.by, asked.role, reason),
                *(_json(loads.to_fields(load)), _json(rollout.to_fields(state))),
            )
        self._put_units(id, {}, state)
        return id

    def put(self, id: int, before: rollout.State, now: rollout.State) -> None:
        """What has changed in it."""
        if (head := rollout.to_fields(now)) != rollout.to_fields(before):
            self._do("UPDATE rollout SET head=? WHERE id=?", _json(head), id)
        self._put_units(id, before.units, now)

    def set_load(self, id: int, load: Load) -> None:
        """With another stamp."""
        self._do("UPDATE rollout SET load=? WHERE id=?", _json(loads.to_fields(load)), id)

    def newest(self, most: int = 1) -> list[Rollout]:
        """The last ones, the newest first; without what they send."""
        found = []
        for id, at, by, role, reason, load, head in self._rows(
            "SELECT id, at, who, role, reason, load, head FROM rollout ORDER BY id DESC LIMIT ?",
            most,
        ):
            rows = self._rows("SELECT unit, state FROM member WHERE rollout=? ORDER BY unit", id)
            units = {unit: rollout.unit_from(json.loads(state)) for unit, state in rows}
            state = rollout.state_from(json.loads(head), units)
            found.append(
                Rollout(id, at, by, role, reason, loads.from_fields(json.loads(load)), state)
            )
        return found

    def newest_loads(self, most: int) -> list[Load]:
        """What the last ones sent, the newest first."""
        rows = self._rows("SELECT load FROM rollout ORDER BY id DESC LIMIT ?", most)
        return [loads.from_fields(json.loads(load)) for (load,) in rows]

    def enter(self, id: int, at: float, what: str, fields: dict[str, Any]) -> None:
        self._do(
            "INSERT INTO entry(rollout, at, what, fields) VALUES(?,?,?,?)",
            *(id, at, what, _json(fields)),
        )

    def entries(self, id: int) -> list[Entry]:
        """What happened in a roll-out, in this order."""
        rows = self._rows("SELECT at, what, fields FROM entry WHERE rollout=? ORDER BY id", id)
        return [Entry(at, what, json.loads(fields)) for at, what, fields in rows]

    def add(self, due: Due) -> None:
        """To the outbox, if it never was there."""
        self._do(
            "INSERT INTO effect VALUES(?,?,?,?,NULL)"
            " ON CONFLICT(rollout, kind, unit, attempt) DO NOTHING",
            *(due.rollout, due.kind, due.unit, due.attempt),
        )

    def due(self) -> list[Due]:
        """What is to be carried out; what gives goes before what withdraws."""
        rows = self._rows(
            "SELECT rollout, kind, unit, attempt FROM effect WHERE done IS NULL"
            " ORDER BY rollout, kind, unit, attempt"
        )
        return [Due(*row) for row in rows]

    def carried_out(self, due: Due, at: float) -> None:
        self._do(
            "UPDATE effect SET done=? WHERE rollout=? AND kind=? AND unit=? AND attempt=?",
            *(at, due.rollout, due.kind, due.unit, due.attempt),
        )

    def ask(self, at: float, by: str, role: str, what: str, fields: dict[str, Any]) -> int:
        """Its id; the hub takes it when it looks the next time."""
        with self._lock:
            ((id,),) = self._rows(
                "INSERT INTO asked(at, who, role, what, fields) VALUES(?,?,?,?,?) RETURNING id",
                *(at, by, role, what, _json(fields)),
            )
        return id

    def asked(self) -> list[Asked]:
        """What the hub has not taken yet."""
        return self._asked("answer IS NULL ORDER BY id")

    def answered(self, id: int) -> str | None:
        """None while it is not."""
        return self._asked("id=?", id)[0].answer

    def answer(self, asked: Asked, answer: str) -> None:
        self._do("UPDATE asked SET answer=? WHERE id=?", answer, asked.id)

    def _asked(self, where: str, *values: Any) -> list[Asked]:
        rows = self._rows(
            f"SELECT id, at, who, role, what, fields, answer FROM asked WHERE {where}", *values
        )
        return [
            Asked(id, at, by, role, what, json.loads(fields), answer)
            for id, at, by, role, what, fields, answer in rows
        ]

    def _put_units(self, id: int, before: Mapping[str, rollout.Unit], now: rollout.State) -> None:
        with self._lock:
            self._connection.executemany(
                "INSERT INTO member VALUES(?,?,?)"
                " ON CONFLICT(rollout, unit) DO UPDATE SET state=excluded.state",
                [
                    (id, name, _json(rollout.to_fields(unit)))
                    for name, unit in now.units.items()
                    if before.get(name) is not unit
                ],
            )


def _json(table: dict[str, Any]) -> str:
    return json.dumps(table, ensure_ascii=False)
