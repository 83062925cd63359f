"""Who is logged in where: sessions, known devices, one-time links."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from noisetamer.base import database
from noisetamer.hub.people import audit
from noisetamer.hub.people.accounts import account_of, end_logins
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.file import PeopleFile
from noisetamer.hub.people.roles import Account
from noisetamer.hub.people.secrets_kept import csrf_of, kept, new_secret

DAY = 86_400.0
# A duty phone that is used stays logged in; one that lies in a drawer does not.
UNUSED, LONGEST = 14 * DAY, 90 * DAY
# How exactly it is known when it was used last: a write each.
USE_NOTED = 600.0
# How soon a running hub knows what the command line changed.
LOOKED_AGAIN = 2.0
# How long what was known holds while the file cannot be read.
REMEMBERED = 600.0
DEVICE_KNOWN = 365 * DAY


@dataclass(frozen=True)
class Session:
    """One login. key: its hash, by which it is named; csrf: what its forms carry."""

    key: bytes
    account: Account
    csrf: str
    began: float
    used: float
    agent: str
    ip: str


class Sessions:
    """The sessions in the register. Those looked up lately are in memory."""

    def __init__(self, file: PeopleFile, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._known: dict[bytes, tuple[float, Session]] = {}

    def begin(self, account: int, by: By, agent: str = "", how: str = "password") -> str:
        """Log in; the session's secret, new at every login."""
        secret, now = new_secret(), self._clock()
        with self._file.writing() as connection:
            connection.execute("DELETE FROM session WHERE used<? OR began<?", _ended(now))
            connection.execute(
                "INSERT INTO session VALUES(?,?,?,?,?,?)",
                (kept(secret), account, now, now, agent[:200], by.ip),
            )
            audit.append(connection, now, by, "login", by.name, detail={"how": how})
        return secret

    def cached(self, secret: str) -> Session | None:
        """The session, if it was looked up a moment ago."""
        found = self._known.get(kept(secret))
        fresh = found and 0 <= self._clock() - found[0] < LOOKED_AGAIN
        return found[1] if found and fresh else None

    def find(self, secret: str) -> Session | None:
        """The session of this secret, unless it or its account has ended."""
        key, now = kept(secret), self._clock()
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT account, began, used, agent, ip FROM session "
                "WHERE hash=? AND used>=? AND began>=?",
                (key, *_ended(now)),
            ).fetchone()
            account = row and account_of(connection, row[0])
            if not account:
                self._known.pop(key, None)
                return None
            if now - row[2] > USE_NOTED:
                # a full disk shall not end the session
                connection.execute("PRAGMA busy_timeout=0")
                with suppress(database.Error):
                    connection.execute("UPDATE session SET used=? WHERE hash=?", (now, key))
        session = Session(key, account, csrf_of(secret), *row[1:])
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[key] = now, session
        return session

    def remembered(self, secret: str) -> Session | None:
        """As it was when the file could be read last, for some minutes: a disk that is ill shall
        not hide the page that says so."""
        found = self._known.get(kept(secret))
        return found[1] if found and self._clock() - found[0] < REMEMBERED else None

    def of(self, account: int) -> list[Session]:
        """An account's sessions, the one used last first."""
        with self._file.reading() as connection:
            owner = account_of(connection, account)
            rows = connection.execute(
                "SELECT hash, began, used, agent, ip FROM session WHERE account=? AND used>=? "
                "AND began>=? ORDER BY used DESC",
                (account, *_ended(self._clock())),
            ).fetchall()
        return [Session(row[0], owner, "", *row[1:]) for row in rows] if owner else []

    def end(self, session: Session, by: By) -> None:
        """Log out here."""
        with self._file.writing() as connection:
            connection.execute("DELETE FROM session WHERE hash=?", (session.key,))
            audit.append(connection, self._clock(), by, "logout", session.account.name)
        self.forget()

    def end_all(self, account: Account, by: By) -> None:
        """Log out everywhere; no device is known any more either."""
        with self._file.writing() as connection:
            end_logins(connection, account.id)
            audit.append(connection, self._clock(), by, "logout_everywhere", account.name)
        self.forget()

    def forget(self) -> None:
        """Something of an account has changed: look everything up anew."""
        self._known.clear()

    def know_device(self, account: int) -> str:
        """A secret by which this device is known to the account from now on."""
        secret, now = new_secret(), self._clock()
        with self._file.writing() as connection:
            connection.execute("DELETE FROM device WHERE expires<?", (now,))
            connection.execute(
                "INSERT INTO device VALUES(?,?,?)", (kept(secret), account, now + DEVICE_KNOWN)
            )
        return secret

    def device(self, account: int, secret: str) -> bool:
        """Whether the account was logged in to from there."""
        with self._file.reading() as connection:
            return bool(
                connection.execute(
                    "SELECT 1 FROM device WHERE hash=? AND account=? AND expires>=?",
                    (kept(secret), account, self._clock()),
                ).fetchone()
            )


def _ended(now: float) -> tuple[float, float]:
    return now - UNUSED, now - LONGEST
