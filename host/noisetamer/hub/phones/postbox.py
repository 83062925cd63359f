"""What was sent by the hub's own channels, kept for phones that come for it later.

A file of its own, `phones.sqlite`: the messages of a topic, and which links have acted. Every
method blocks on the disk: not for the event loop.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.base.database import Schema

KEEP_SECONDS = 7 * 86400.0
"""A week: a phone that was off over a holiday still learns what happened."""
KEEP_MESSAGES = 500
"""Of one topic, however many were sent."""

SCHEMA = Schema(
    name="postbox of the hub",
    application=0x4E545048,  # NTPH
    option="--data",
    steps=(
        (
            # effect: the call it belongs to; taken: when a phone had it, NULL: not yet
            """CREATE TABLE message(
              n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, topic TEXT NOT NULL,
              t REAL NOT NULL, body TEXT NOT NULL, effect TEXT NOT NULL, taken REAL)""",
            "CREATE INDEX message_topic ON message(topic, n)",
            "CREATE INDEX message_t ON message(t)",
            """CREATE TABLE link_use(
              call TEXT NOT NULL, act TEXT NOT NULL, t REAL NOT NULL, PRIMARY KEY(call, act)
              ) WITHOUT ROWID""",
        ),
    ),
)


@dataclass(frozen=True)
class Kept:
    """One message. n: their order; id: its own for ever; t: Unix s; body: what ntfy says of it
    besides; taken: whether a phone had it.
    """

    n: int
    id: str
    topic: str
    t: float
    body: dict[str, Any]
    taken: bool


class Postbox:
    """Thread-safe. Every method raises UserError where the file cannot be used."""

    def __init__(self, file: Path) -> None:
        """Open or create; an older file is brought to today's version."""
        self._file = file
        self._lock = threading.Lock()
        self._connection = database.opened(file, SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def put(self, id: str, topic: str, t: float, body: dict[str, Any], effect: str = "") -> bool:
        """Keep a message; whether a phone had it before. The same id again changes nothing: it is
        one message.
        """
        text = json.dumps(body, ensure_ascii=False)
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO message(id, topic, t, body, effect) VALUES(?,?,?,?,?)"
                " ON CONFLICT(id) DO NOTHING",
                (id, topic, t, text, effect),
            )
            (taken,) = connection.execute("SELECT taken FROM message WHERE id=?", (id,)).fetchone()
            connection.execute("DELETE FROM message WHERE t < ?", (t - KEEP_SECONDS,))
            connection.execute(
                """DELETE FROM message WHERE topic=?1 AND n <= (
                  SELECT n FROM message WHERE topic=?1 ORDER BY n DESC LIMIT 1 OFFSET ?2)""",
                (topic, KEEP_MESSAGES),
            )
        return taken is not None

    def after(self, topics: Sequence[str], n: int, most: int = 100) -> list[Kept]:
        """The next messages of these topics, oldest first."""
        return self._messages(topics, "n > ?", (n, most))

    def since(self, topics: Sequence[str], t: float) -> int:
        """After which n the messages since then (Unix s) begin."""
        rows = self._messages(topics, "t >= ?", (t, 1))
        return rows[0].n - 1 if rows else self.newest()

    def since_id(self, topics: Sequence[str], id: str) -> int:
        """The n of that message; 0 where it is not known, so that none is missed."""
        rows = self._messages(topics, "id = ?", (id, 1))
        return rows[0].n if rows else 0

    def latest(self, topics: Sequence[str]) -> int:
        """Before the newest message of these topics."""
        with self._reading() as connection:
            marks = ",".join("?" * len(topics))
            row = connection.execute(
                f"SELECT max(n) FROM message WHERE topic IN ({marks})", (*topics,)
            ).fetchone()
        return (row[0] or self.newest() + 1) - 1

    def newest(self) -> int:
        """The n of the newest message of all."""
        with self._reading() as connection:
            row = connection.execute("SELECT coalesce(max(n), 0) FROM message").fetchone()
        return row[0]

    def took(self, ids: Sequence[str], t: float) -> list[str]:
        """A phone has these now: the calls of those that none had before."""
        calls: list[str] = []
        with self._writing() as connection:
            for id in ids:
                rows = connection.execute(
                    "UPDATE message SET taken=? WHERE id=? AND taken IS NULL RETURNING effect",
                    (t, id),
                ).fetchall()
                calls += [effect for (effect,) in rows if effect]
        return calls

    def use(self, call: str, act: str, t: float) -> bool:
        """Whether this link acts now for the first time; from now on it has."""
        with self._writing() as connection:
            # no link is good for so long
            connection.execute("DELETE FROM link_use WHERE t < ?", (t - KEEP_SECONDS,))
            return (
                connection.execute(
                    "INSERT INTO link_use VALUES(?,?,?) ON CONFLICT(call, act) DO NOTHING",
                    (call, act, t),
                ).rowcount
                == 1
            )

    def unuse(self, call: str, act: str) -> None:
        """It could not be done after all."""
        with self._writing() as connection:
            connection.execute("DELETE FROM link_use WHERE call=? AND act=?", (call, act))

    def used(self, call: str) -> dict[str, float]:
        """{act: when}: what this link has done."""
        with self._reading() as connection:
            rows = connection.execute("SELECT act, t FROM link_use WHERE call=?", (call,))
            return dict(rows.fetchall())

    def _messages(self, topics: Sequence[str], where: str, values: tuple[Any, ...]) -> list[Kept]:
        marks = ",".join("?" * len(topics))
        with self._reading() as connection:
            rows = connection.execute(
                f"""SELECT n, id, topic, t, body, taken IS NOT NULL FROM message
                WHERE topic IN ({marks}) AND {where} ORDER BY n LIMIT ?""",
                (*topics, *values),
            ).fetchall()
        return [
            Kept(n, id, topic, t, json.loads(body), bool(taken))
            for n, id, topic, t, body, taken in rows
        ]

    @contextmanager
    def _reading(self) -> Iterator[database.Connection]:
        """The connection, for one thread at a time."""
        with self._lock, database.told(self._file, SCHEMA):
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[database.Connection]:
        """The same, in one transaction."""
        with self._reading() as connection, database.transaction(connection):
            yield connection
