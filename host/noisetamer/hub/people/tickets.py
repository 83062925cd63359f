"""Links that are good for one thing, once, for a while."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from noisetamer.base import database
from noisetamer.hub.people import audit
from noisetamer.hub.people.accounts import account_of
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.file import PeopleFile
from noisetamer.hub.people.roles import Account
from noisetamer.hub.people.secrets_kept import kept, new_secret

SET_UP, PASSWORD, LOGIN = "set up", "password", "login"
"""The first administrator; choose a password (invited, or forgotten); log in once."""

LASTS = {SET_UP: 86_400.0, PASSWORD: 7 * 86_400.0, LOGIN: 3600.0}


@dataclass(frozen=True)
class Ticket:
    """What a link opens. account: whose; None of the set-up."""

    kind: str
    account: Account | None
    expires: float


class Tickets:
    """The open links in the register, each as a hash."""

    def __init__(self, file: PeopleFile, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock

    def make(self, kind: str, account: Account | None, by: By) -> str:
        """The secret part of a new link; an earlier one of this kind and account is void, but
        for logins."""
        secret, now = new_secret(), self._clock()
        id = account.id if account else None
        with self._file.writing() as connection:
            connection.execute("DELETE FROM ticket WHERE expires<?", (now,))
            if kind != LOGIN:
                connection.execute("DELETE FROM ticket WHERE kind=? AND account IS ?", (kind, id))
            connection.execute(
                "INSERT INTO ticket VALUES(?,?,?,?)", (kept(secret), kind, id, now + LASTS[kind])
            )
            if account:
                detail = {"kind": kind}
                audit.append(connection, now, by, "link_made", account.name, detail=detail)
        return secret

    def look(self, secret: str) -> Ticket | None:
        """What it opens, if it does; it is not used up by that."""
        with self._file.reading() as connection:
            return _look(connection, secret, self._clock())

    def use(self, secret: str) -> Ticket | None:
        """The same, and it opens nothing any more: of two who use it, one gets it."""
        with self._file.writing() as connection:
            ticket = _look(connection, secret, self._clock())
            connection.execute("DELETE FROM ticket WHERE hash=?", (kept(secret),))
        return ticket

    def close(self, kind: str) -> None:
        """Those of a kind are void."""
        with self._file.writing() as connection:
            connection.execute("DELETE FROM ticket WHERE kind=?", (kind,))


def _look(connection: database.Connection, secret: str, now: float) -> Ticket | None:
    row = connection.execute(
        "SELECT kind, account, expires FROM ticket WHERE hash=? AND expires>=?",
        (kept(secret), now),
    ).fetchone()
    if row is None:
        return None
    kind, id, expires = row
    account = account_of(connection, id) if id is not None else None
    return Ticket(kind, account, expires) if account or kind == SET_UP else None
