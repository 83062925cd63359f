"""What waits to be sent, kept on the disk: facts in their order, and how far each destination is.

A fact is kept once, however many destinations want it, until all are done with it. What no
destination takes for too long is let go of, the oldest first, and counted as lost there.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base.database import SharedFile
from noisetamer.hub.forward.facts import Fact, from_fields, to_fields
from noisetamer.hub.forward.format import Asked
from noisetamer.hub.forward.schema import SCHEMA

MOST_ROWS = 2_000_000
"""A week of minutes of 200 units; 600 MB."""
MOST_SECONDS = 14 * 86400.0
MOST_REFUSED = 500
"""Of one destination; older ones are counted only."""
_LOOKED_AT = 5000


@dataclass(frozen=True)
class Waiting:
    """The next facts of a destination. after, part: where it is once they are done with; skipped:
    whether rows that are not for it lie behind them.
    """

    facts: list[Fact]
    places: list[tuple[int, int]]

    @property
    def place(self) -> tuple[int, int]:
        return self.places[-1]


@dataclass(frozen=True)
class Refusal:
    """One fact that was refused. at: when, Unix s; why: what the destination said."""

    at: float
    why: str
    fact: Fact


@dataclass(frozen=True)
class Standing:
    """How a destination stands. waiting: facts; oldest: when the first of them came to be, Unix s,
    None where none waits; sent, refused, lost: facts, ever; last_sent, last_lost: Unix s.
    """

    waiting: int
    oldest: float | None
    sent: int
    refused: int
    lost: int
    last_sent: float | None
    last_lost: float | None


class Queue(SharedFile):
    """forward.sqlite of a hub. For several threads, one after the other; blocks on the disk.
    Raises database.Error."""

    def __init__(self, file: Path, most: int = MOST_ROWS) -> None:
        """Open or create; most: rows that are kept for destinations that take none. Raises
        UserError for a file that is something else, or newer."""
        super().__init__(file, SCHEMA)
        self._most = most

    # -- facts come in

    def add(self, facts: Sequence[Fact], now: float) -> None:
        """Within a `transaction`, with what says that their source is read so far. Seconds of one
        unit that follow each other share a row. now: Unix s."""
        for row in _rows(facts):
            first = row[0]
            body = json.dumps([to_fields(one) for one in row], ensure_ascii=False)
            self._do(
                "INSERT INTO fact(kind, unit, square, what, t, count, made, body)"
                " VALUES(?,?,?,?,?,?,?,?)",
                *(first.kind, first.unit, first.square, first.what, row[-1].until),
                *(len(row), now, body),
            )

    # -- destinations take them out

    def begin(self, names: Sequence[str], are_all: bool = True) -> bool:
        """These are the destinations: one that is new gets what comes from now on, one that is
        none any more is forgotten, with what waits for it, unless there are others (are_all).
        Whether any of them was known before."""
        with self.transaction():
            known = {name for (name,) in self._rows("SELECT name FROM destination")}
            for name in known - set(names) if are_all else ():
                self._do("DELETE FROM destination WHERE name=?", name)
                self._do("DELETE FROM refused WHERE destination=?", name)
            end = self._end()
            for name in names:
                if name not in known:
                    self._do("INSERT INTO destination VALUES(?,?,0,0,0,0,NULL,NULL)", name, end)
        return bool(known) if not are_all else not known.isdisjoint(names)

    def next(self, asked: Asked, most: int) -> Waiting:
        """What is to be sent next, oldest first, up to `most` facts; it stays until `done`."""
        facts: list[Fact] = []
        places: list[tuple[int, int]] = []
        ((after, part),) = self._rows(
            "SELECT after, part FROM destination WHERE name=?", asked.name
        )
        while len(facts) < most:
            rows = self._rows(
                "SELECT id, body FROM fact WHERE id>?"
                f" AND kind IN ({','.join('?' * len(asked.facts))}) ORDER BY id LIMIT ?",
                after,
                *asked.facts,
                min(_LOOKED_AT, most),
            )
            for id, body in rows:
                of_row = [from_fields(one) for one in json.loads(body)]
                for number, fact in enumerate(of_row[part:], part + 1):
                    if asked.wants(fact) and len(facts) < most:
                        facts.append(fact)
                        whole = number == len(of_row)
                        places.append((id, 0) if whole else (after, number))
                if len(facts) == most:
                    return Waiting(facts, places)
                after, part = id, 0
            if not rows:
                break
            if not facts:
                # nothing of it is wanted: it need not be looked at again
                self._do("UPDATE destination SET after=?, part=0 WHERE name=?", after, asked.name)
        return Waiting(facts, places)

    def done(
        self,
        name: str,
        place: tuple[int, int],
        sent: int,
        refused: Sequence[tuple[Fact, str]],
        now: float,
    ) -> None:
        """All facts up to a place are done with. sent: how many it has; refused: those it will
        never take, and why; now: Unix s."""
        with self.transaction():
            self._do(
                "UPDATE destination SET after=?, part=?, sent=sent+?, refused=refused+?,"
                " last_sent=CASE WHEN ?>0 THEN ? ELSE last_sent END WHERE name=?",
                *(*place, sent, len(refused), sent, now, name),
            )
            for fact, why in refused:
                self._do(
                    "INSERT INTO refused(destination, at, why, body) VALUES(?,?,?,?)",
                    *(name, now, why[:1000], json.dumps(to_fields(fact), ensure_ascii=False)),
                )
            if refused:
                self._do(
                    "DELETE FROM refused WHERE destination=? AND id <= (SELECT id FROM refused"
                    " WHERE destination=? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                    *(name, name, MOST_REFUSED),
                )

    def standing(self, asked: Asked) -> Standing | None:
        """How it stands; None where the hub does not know it yet. What waits is counted by kinds
        of facts, and by units and squares where some are named."""
        rows = self._rows(
            "SELECT after, sent, refused, lost, last_sent, last_lost, part FROM destination"
            " WHERE name=?",
            asked.name,
        )
        if not rows:
            return None
        after, sent, refused, lost, last_sent, last_lost, part = rows[0]
        where, values = _wanted(asked)
        ((waiting, oldest),) = self._rows(
            f"SELECT coalesce(sum(count), 0), min(made) FROM fact WHERE id>? AND {where}",
            after,
            *values,
        )
        waiting = max(0, waiting - part)
        return Standing(
            waiting, oldest if waiting else None, sent, refused, lost, last_sent, last_lost
        )

    def refusals(self, name: str, most: int = 20) -> list[Refusal]:
        """The newest first."""
        return [
            Refusal(at, why, from_fields(json.loads(body)))
            for at, why, body in self._rows(
                "SELECT at, why, body FROM refused WHERE destination=? ORDER BY id DESC LIMIT ?",
                name,
                most,
            )
        ]

    def trim(self, wanted: Sequence[Asked], now: float) -> dict[str, int]:
        """Let go of what all are done with, and of what waits for too long: {destination: how many
        facts it has lost now}. now: Unix s."""
        lost: dict[str, int] = {}
        with self.transaction():
            end = self._end()
            for asked in wanted:
                where, values = _wanted(asked)
                # what is left is not for it: it keeps nothing from being let go of
                self._do(
                    "UPDATE destination SET after=?, part=0 WHERE name=? AND after<? AND"
                    f" NOT EXISTS(SELECT 1 FROM fact WHERE id>destination.after AND {where})",
                    *(end, asked.name, end, *values),
                )
            ((before,),) = self._rows("SELECT coalesce(min(after), ?) FROM destination", end)
            self._do("DELETE FROM fact WHERE id<=?", before)
            ((too_old,),) = self._rows(
                "SELECT coalesce(max(id), 0) FROM fact WHERE made<?", now - MOST_SECONDS
            )
            last = max(too_old, end - self._most)
            if last <= before:
                return {}
            for asked in wanted:
                where, values = _wanted(asked)
                ((count,),) = self._rows(
                    "SELECT coalesce(sum(count), 0) FROM fact WHERE id<=? AND id>"
                    f"(SELECT after FROM destination WHERE name=?) AND {where}",
                    *(last, asked.name, *values),
                )
                self._do(
                    "UPDATE destination SET after=?, part=0, lost=lost+?, last_lost=CASE WHEN ?>0"
                    " THEN ? ELSE last_lost END WHERE name=? AND after<?",
                    *(last, count, count, now, asked.name, last),
                )
                if count:
                    lost[asked.name] = count
            self._do("DELETE FROM fact WHERE id<=?", last)
        return lost

    def redate(self, seconds: float) -> None:
        """The clock was set, by so many s: what waits is as old as before."""
        with self.transaction():
            self._do("UPDATE fact SET made=made+?", seconds)

    # -- what the gatherer keeps beside them

    @contextmanager
    def gathering(self) -> Iterator[Any]:
        """One transaction, on the file's own connection."""
        with self.transaction():
            yield self._connection

    def looking(self, query: str, *values: Any) -> list[Any]:
        return self._rows(query, *values)

    def _end(self) -> int:
        """The id of the newest row there ever was."""
        ((end,),) = self._rows(
            "SELECT max(a) FROM (SELECT coalesce(max(id), 0) AS a FROM fact UNION ALL"
            " SELECT coalesce(max(after), 0) FROM destination) AS both_of_them"
        )
        return end


def _rows(facts: Sequence[Fact]) -> Iterator[list[Fact]]:
    row: list[Fact] = []
    for fact in facts:
        follows = (
            row
            and fact.kind == row[-1].kind == "second"
            and (fact.unit, fact.since, fact.late) == (row[-1].unit, row[-1].until, row[-1].late)
        )
        if row and not follows:
            yield row
            row = []
        row.append(fact)
    if row:
        yield row


def _wanted(asked: Asked) -> tuple[str, list[Any]]:
    """As a condition on rows: kinds, units, squares and kinds of events."""

    def among(column: str, values: Sequence[str]) -> str:
        return f"{column} IN ({','.join('?' * len(values))})"

    where, values = [among("kind", asked.facts)], [*asked.facts]
    if asked.units or asked.squares:
        either = []
        for column, some in (("unit", asked.units), ("square", asked.squares)):
            if some:
                either.append(among(column, some))
                values += some
        where.append(f"({' OR '.join(either)})")
    if asked.events:
        where.append(f"(kind<>'event' OR {among('what', asked.events)})")
        values += asked.events
    return " AND ".join(where), values
