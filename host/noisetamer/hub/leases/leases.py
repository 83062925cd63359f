"""Leases in the database: one row each, taken by whoever finds it as it was read.

A taking raises the fence. `Fence.hold` in a transaction keeps the row from being taken until that
transaction is over, and refuses where it is another's already: PostgreSQL's row lock (FOR SHARE)
makes a taking wait for the commits under way, and the commits after it fail.
"""

import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.database import Schema
from noisetamer.hub.leases.tenure import BEAT_SECONDS, LAPSE_SECONDS, NOBODY, Beats, Lease, decide

FILE = "city.sqlite"

SCHEMA = Schema(
    name="leases of the city",
    application=0x4E544354,  # NTCT
    option="--data",
    steps=(
        (
            """CREATE TABLE lease(
              name TEXT PRIMARY KEY, holder TEXT NOT NULL, fence INTEGER NOT NULL
              ) WITHOUT ROWID""",
            # kind: what it may hold
            """CREATE TABLE member(
              name TEXT PRIMARY KEY, kind TEXT NOT NULL, beat INTEGER NOT NULL
              ) WITHOUT ROWID""",
        ),
    ),
)


class FencedError(database.ServerError):
    """The lease is another's: nothing is written."""


@dataclass(frozen=True)
class Fence:
    """The right to write for a lease, as it was taken."""

    lease: str
    holder: str
    number: int

    def hold(self, connection: database.Connection) -> None:
        """In a transaction of any of the city's stores: until its end nobody else has the lease.
        Raises FencedError where another has it already."""
        row = connection.execute(
            "SELECT 1 FROM city.lease WHERE name=? AND holder=? AND fence=? FOR SHARE",
            (self.lease, self.holder, self.number),
        ).fetchone()
        if row is None:
            raise FencedError(f"{self.lease} is another's now: what it brings is no longer mine")


class Tenant:
    """One member: beats, takes its share, gives back. Its methods block; for one thread at a time.

    kind: members of one kind share the leases `names`. steady: monotonic, s.
    """

    def __init__(
        self,
        folder: Path,
        kind: str,
        names: Sequence[str],
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises UserError where the database cannot be used."""
        self.name = f"{kind}-{secrets.token_hex(6)}@{socket.gethostname()}"
        self._kind = kind
        self._names = list(names)
        self._steady = steady
        self._beats = Beats()
        self._lock = threading.Lock()
        self._connection = database.opened(folder / FILE, SCHEMA)
        self._good_until = float("-inf")
        self._held: dict[str, Fence] = {}
        self._giving: set[str] = set()

    @property
    def held(self) -> dict[str, Fence]:
        """{lease: its fence} of what this member held when the database was last there."""
        return dict(self._held)

    @property
    def sure(self) -> bool:
        """Whether nobody can have taken any of it meanwhile. For what no fence guards."""
        return self._steady() < self._good_until

    def turn(self, takes: bool = True) -> dict[str, Fence]:
        """Beat, take and give; what is held then. To be called every BEAT_SECONDS.

        takes: whether it may have what is free.

        Raises database.Error where the database is away: then what is held lapses by itself.
        """
        with self._lock:
            began = self._steady()
            with database.transaction(self._connection):
                self._connection.execute(
                    "INSERT INTO member(name, kind, beat) VALUES(?, ?, 1)"
                    " ON CONFLICT(name) DO UPDATE SET beat=member.beat+1",
                    (self.name, self._kind),
                )
                beats = dict(
                    self._connection.execute(
                        "SELECT name, beat FROM member WHERE kind=?", (self._kind,)
                    ).fetchall()
                )
                rows = self._connection.execute("SELECT name, holder, fence FROM lease").fetchall()
                alive = self._beats.see(beats, began, self._steady())
                for gone in beats.keys() - alive:
                    self._connection.execute("DELETE FROM member WHERE name=?", (gone,))
                leases = [Lease(*row) for row in rows]
                self._held = {
                    one.name: Fence(one.name, self.name, one.fence)
                    for one in leases
                    if one.holder == self.name and one.name in self._names
                }
                decision = decide(self.name, alive, self._names, leases)
                for one in decision.take if takes else ():
                    if self._take(one):
                        self._held[one.name] = Fence(one.name, self.name, one.fence + 1)
                # first let go of the work, and give at the next beat
                giving = {one.name for one in decision.give}
                for name in giving & self._giving:
                    self._give(name)
                self._giving = giving - self._giving
                for name in self._giving:
                    del self._held[name]
            self._good_until = began + LAPSE_SECONDS - BEAT_SECONDS
            return dict(self._held)

    def holder(self, lease: str) -> str:
        """Who has it, as members are called; NOBODY where it is free. Raises database.Error."""
        with self._lock:
            row = self._connection.execute(
                "SELECT holder FROM lease WHERE name=?", (lease,)
            ).fetchone()
        return row[0] if row else NOBODY

    def close(self) -> None:
        """Give everything back at once, as far as the database is there."""
        with self._lock:
            try:
                with database.transaction(self._connection):
                    for name in self._names:
                        self._give(name)
                    self._connection.execute("DELETE FROM member WHERE name=?", (self.name,))
            except database.Error:
                pass  # it lapses
            finally:
                self._connection.close()

    def _take(self, lease: Lease) -> bool:
        """Only if nobody was faster."""
        self._connection.execute(
            "INSERT INTO lease(name, holder, fence) VALUES(?, ?, 0) ON CONFLICT(name) DO NOTHING",
            (lease.name, NOBODY),
        )
        taken = self._connection.execute(
            "UPDATE lease SET holder=?, fence=? WHERE name=? AND holder=? AND fence=?",
            (self.name, lease.fence + 1, lease.name, lease.holder, lease.fence),
        )
        return taken.rowcount == 1

    def _give(self, name: str) -> None:
        self._held.pop(name, None)
        self._connection.execute(
            "UPDATE lease SET holder=? WHERE name=? AND holder=?", (NOBODY, name, self.name)
        )
