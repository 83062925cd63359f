"""Every order that was ever given, in a file of its own: its number is committed before it goes.

One thread calls it (see `Orders`). A number that is given twice would be refused as a replay.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.base.database import Schema

SCHEMA = Schema(
    name="ledger of orders",
    application=0x4E544F52,  # NTOR
    option="--data",
    steps=(
        (
            # body: what is sent along with it, gone once the order is closed.
            """CREATE TABLE given(
              unit TEXT, n INTEGER, at REAL NOT NULL, until INTEGER NOT NULL,
              who TEXT NOT NULL, role TEXT NOT NULL, reason TEXT NOT NULL,
              verb TEXT NOT NULL, fields TEXT NOT NULL, note TEXT NOT NULL, body BLOB,
              state TEXT NOT NULL, why TEXT NOT NULL DEFAULT '',
              detail TEXT NOT NULL DEFAULT '', sent REAL, closed REAL,
              boot INTEGER, seq INTEGER,
              PRIMARY KEY(unit, n)) WITHOUT ROWID""",
            "CREATE INDEX open ON given(state) WHERE closed IS NULL",
            "CREATE TABLE read(feed INTEGER NOT NULL)",
            "INSERT INTO read VALUES(0)",
        ),
    ),
)

NUMBERS_BEGAN = 1_735_689_600
"""2025-01-01, Unix s: units take numbers up to 2^31 - 1, which last until 2093."""

STATES = (
    *("given", "sent", "taken", "begun"),
    *("withdrawn", "expired", "unknown", "refused", "done"),
)
"""In the order in which one may follow another. given: its number is committed; taken, begun,
refused, done: the unit's words; withdrawn: it was not wanted any more before the unit took it;
expired: it never went out; unknown: it did, and the unit never told how it ended.
"""

CLOSED = STATES[4:]


@dataclass(frozen=True)
class Order:
    """One order. at, sent, closed: Unix s; until: when it expires; by, role, reason: whose it is;
    fields: of the verb; note: what people are to know of it besides; why, detail: in the unit's
    words; effect: (boot, seq) of the event that told.
    """

    unit: str
    n: int
    at: float
    until: int
    by: str
    role: str
    reason: str
    verb: str
    fields: dict[str, Any]
    note: dict[str, Any]
    state: str
    why: str = ""
    detail: str = ""
    sent: float | None = None
    closed: float | None = None
    effect: tuple[int, int] | None = None


_COLUMNS = (
    "unit, n, at, until, who, role, reason, verb, fields, note, state, why, detail, sent,"
    " closed, boot, seq"
)


class Ledger:
    """Raises UserError at its start, database.Error for what the disk refuses later."""

    def __init__(self, file: Path) -> None:
        self._connection = database.opened(file, SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def add(
        self, order: Order, body: bytes | None, audit: Callable[[Order], None], taken: int = 0
    ) -> Order:
        """The order with its number. audit: within the transaction; what it raises undoes it;
        taken: a number that the unit says it has taken.

        Numbers of a unit rise strictly, also over a ledger that was lost or restored from an
        older copy: none is lower than the seconds since NUMBERS_BEGAN. Where the clock had been
        ahead as well, the unit's word leads on.
        """
        with database.transaction(self._connection):
            (last,) = self._connection.execute(
                "SELECT coalesce(max(n), 0) FROM given WHERE unit=?", (order.unit,)
            ).fetchone()
            n = max(last + 1, taken + 1, int(order.at) - NUMBERS_BEGAN)
            numbered = replace(order, n=n)
            row = (
                *(numbered.unit, numbered.n, numbered.at, numbered.until, numbered.by),
                *(numbered.role, numbered.reason, numbered.verb),
                *map(_json, (numbered.fields, numbered.note)),
                *(body, numbered.state),
            )
            self._connection.execute(
                "INSERT INTO given(unit, n, at, until, who, role, reason, verb, fields, note,"
                " body, state) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
                row,
            )
            audit(numbered)
        return numbered

    def open(self) -> list[Order]:
        """What is still to be answered, in the order of each unit's numbers."""
        return self._select("closed IS NULL ORDER BY unit, n")

    def body(self, order: Order) -> bytes | None:
        """What is sent along with it."""
        row = self._connection.execute(
            "SELECT body FROM given WHERE unit=? AND n=?", (order.unit, order.n)
        ).fetchone()
        return row and row[0]

    def one(self, unit: str, n: int) -> Order | None:
        found = self._select("unit=? AND n=?", unit, n)
        return found[0] if found else None

    def latest(self, units: Iterable[str], most: int) -> list[Order]:
        """Of these units, the newest first."""
        names = tuple(units)
        if not names:
            return []
        marks = ",".join("?" * len(names))
        return self._select(f"unit IN ({marks}) ORDER BY at DESC, n DESC LIMIT ?", *names, most)

    def noted(self, unit: str, verb: str, note: dict[str, Any]) -> Order | None:
        """The last of this verb whose note has these values too."""
        found = self._select("unit=? AND verb=? ORDER BY n DESC", unit, verb)
        return next((one for one in found if note.items() <= one.note.items()), None)

    def done(self, unit: str, verb: str) -> list[Order]:
        """All of this verb that the unit has carried out, oldest first."""
        return self._select("unit=? AND verb=? AND state='done' ORDER BY n", unit, verb)

    def went(self, order: Order, at: float, until: int) -> Order:
        """It is about to be published for the first time, and holds until then."""
        return self._change(order, "state='sent', sent=?, until=?", at, until)

    def told(
        self,
        order: Order,
        state: str,
        at: float,
        why: str = "",
        detail: str = "",
        effect: tuple[int, int] | None = None,
    ) -> Order:
        """What became of it. Once it is closed what was to be sent with it is forgotten."""
        closed = at if state in CLOSED else None
        boot, seq = effect or (order.effect or (None, None))
        return self._change(
            order,
            "state=?, why=?, detail=?, closed=?, boot=?, seq=?,"
            " body=CASE WHEN CAST(? AS REAL) IS NULL THEN body END",
            *(state, why, detail, closed, boot, seq, closed),
        )

    def watermark(self) -> int:
        """Up to where the feed was read."""
        return self._connection.execute("SELECT feed FROM read").fetchone()[0]

    def take(self, closing: Callable[[], None], feed: int) -> None:
        """What `closing` does, and the feed's new watermark, in one transaction."""
        with database.transaction(self._connection):
            closing()
            self._connection.execute("UPDATE read SET feed=?", (feed,))

    def _change(self, order: Order, what: str, *values: object) -> Order:
        self._connection.execute(
            f"UPDATE given SET {what} WHERE unit=? AND n=?", (*values, order.unit, order.n)
        )
        changed = self.one(order.unit, order.n)
        assert changed
        return changed

    def _select(self, where: str, *values: object) -> list[Order]:
        rows = self._connection.execute(f"SELECT {_COLUMNS} FROM given WHERE {where}", values)
        return [_order(row) for row in rows]


def _order(row: tuple[Any, ...]) -> Order:
    boot, seq = row[-2:]
    return Order(
        *row[:8],
        fields=json.loads(row[8]),
        note=json.loads(row[9]),
        state=row[10],
        why=row[11],
        detail=row[12],
        sent=row[13],
        closed=row[14],
        effect=None if boot is None else (boot, seq),
    )


def _json(table: dict[str, Any]) -> str:
    return json.dumps(table, ensure_ascii=False)
