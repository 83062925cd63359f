"""How people are reached: channels and addresses, and the hours in which each wants quiet."""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from noisetamer.base import database
from noisetamer.hub.people import audit
from noisetamer.hub.people.accounts import AccountError
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.file import PeopleFile

CHANNELS = ("ntfy", "web-push", "apprise", "duty")
LONGEST_ADDRESS = 4096
MOST = 20
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class Contact:
    """One way to one person.

    channel: of CHANNELS; address: the hub's own ntfy topic, the browser's push subscription as
    JSON, an apprise URL, "" of the duty page; quiet_from, quiet_to: local time "22:00", over
    midnight too, "" for none. An id is never used again.
    """

    id: int
    account: int
    channel: str
    address: str
    quiet_from: str
    quiet_to: str


class Contacts:
    """The contacts in the register. Every method but the asking ones adds to the audit log."""

    def __init__(self, file: PeopleFile, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock

    def of(self, account: int) -> list[Contact]:
        """An account's, in the order they came; of a disabled one none."""
        return self._all("account=?", account)

    def one(self, id: int) -> Contact | None:
        """None where there is none (any more), or its account is disabled."""
        return next(iter(self._all("contact.id=?", id)), None)

    def everybody(self) -> list[Contact]:
        """All ways to all people who are not disabled, in the order they came."""
        return self._all("1=?", 1)

    def topic(self, topic: str) -> Contact | None:
        """Whose ntfy topic this is."""
        found = self._all("channel='ntfy' AND address=?", topic)
        return found[0] if found else None

    def add(
        self,
        account: int,
        channel: str,
        by: By,
        address: str = "",
        quiet_from: str = "",
        quiet_to: str = "",
        topic: str = "",
    ) -> Contact:
        """One more way. An ntfy topic is made here: 128 random bits, who knows it hears it;
        topic: of `new_topic`, where a phone listens to one already.

        Raises AccountError for no channel, no address, no time, or the twenty-first.
        """
        address = (topic or new_topic()) if channel == "ntfy" else address.strip()
        _check(channel, address, quiet_from, quiet_to)
        with self._file.writing() as connection:
            name = _name(connection, account)
            (many,) = connection.execute(
                "SELECT count(*) FROM contact WHERE account=?", (account,)
            ).fetchone()
            if many >= MOST:
                raise AccountError("contact_many", f"More than {MOST} contacts are too many.")
            row = (account, channel, address, quiet_from, quiet_to)
            (id,) = connection.execute(
                "INSERT INTO contact(account, channel, address, quiet_from, quiet_to) "
                "VALUES(?,?,?,?,?) RETURNING id",
                row,
            ).fetchone()
            detail = {"contact": id, "channel": channel}
            audit.append(connection, self._clock(), by, "contact_added", name, detail=detail)
        return Contact(id, *row)

    def quiet(self, id: int, quiet_from: str, quiet_to: str, by: By) -> None:
        """Other quiet hours. Raises AccountError for what is no time."""
        _check_quiet(quiet_from, quiet_to)
        with self._file.writing() as connection:
            contact = _contact(connection, id)
            connection.execute(
                "UPDATE contact SET quiet_from=?, quiet_to=? WHERE id=?",
                (quiet_from, quiet_to, id),
            )
            name = _name(connection, contact.account)
            detail = {"contact": id, "quiet": f"{quiet_from}-{quiet_to}"}
            audit.append(connection, self._clock(), by, "contact_quiet", name, detail=detail)

    def remove(self, id: int, by: By) -> None:
        """Call there no more."""
        with self._file.writing() as connection:
            contact = _contact(connection, id)
            connection.execute("DELETE FROM contact WHERE id=?", (id,))
            name = _name(connection, contact.account)
            detail = {"contact": id, "channel": contact.channel}
            audit.append(connection, self._clock(), by, "contact_removed", name, detail=detail)

    def _all(self, where: str, value: object) -> list[Contact]:
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT contact.id, account, channel, address, quiet_from, quiet_to FROM contact "
                f"JOIN account ON account.id=contact.account WHERE disabled=0 AND {where} "
                "ORDER BY contact.id",
                (value,),
            ).fetchall()
        return [Contact(*row) for row in rows]


def new_topic() -> str:
    """128 random bits in letters that ntfy takes: 26 of a-z and 2-7, as a person can read out."""
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    return "".join(secrets.choice(alphabet) for _ in range(26))


def _check(channel: str, address: str, quiet_from: str, quiet_to: str) -> None:
    if channel not in CHANNELS:
        raise AccountError("no_channel", f"There is no channel {channel}.")
    if (not address and channel != "duty") or len(address) > LONGEST_ADDRESS:
        raise AccountError("no_address", f"Give an address of 1 to {LONGEST_ADDRESS} characters.")
    _check_quiet(quiet_from, quiet_to)


def _check_quiet(quiet_from: str, quiet_to: str) -> None:
    times = [quiet_from, quiet_to]
    if times != ["", ""] and not all(_TIME.fullmatch(each) for each in times):
        raise AccountError("no_time", "Give quiet hours as 22:00 and 07:00, or none of both.")


def _contact(connection: database.Connection, id: int) -> Contact:
    row = connection.execute("SELECT * FROM contact WHERE id=?", (id,)).fetchone()
    if row is None:
        raise AccountError("no_contact", "This contact is gone already.")
    return Contact(*row)


def _name(connection: database.Connection, account: int) -> str:
    row = connection.execute("SELECT name FROM account WHERE id=?", (account,)).fetchone()
    if row is None:
        raise AccountError("no_account", f"There is no account {account}.")
    return row[0]
