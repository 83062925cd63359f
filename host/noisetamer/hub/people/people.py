"""People: who may come in, how each is reached, and what everybody did."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from pathlib import Path

from noisetamer.base import database
from noisetamer.hub.people import audit
from noisetamer.hub.people.accounts import Accounts
from noisetamer.hub.people.attempts import Attempts
from noisetamer.hub.people.audit import COMMAND_LINE, HUB, Audit, By
from noisetamer.hub.people.contacts import Contacts
from noisetamer.hub.people.districts import Districts
from noisetamer.hub.people.file import PeopleFile
from noisetamer.hub.people.passwords import Passwords
from noisetamer.hub.people.roles import Account
from noisetamer.hub.people.second_factor import SecondFactor
from noisetamer.hub.people.sessions import Sessions
from noisetamer.hub.people.tickets import SET_UP, Tickets


class People:
    """All that people.sqlite holds, from any thread. Methods of all its parts write to the disk:
    in the event loop, ask them in a thread. Each raises UserError where the file cannot be used.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float] = time.time,
        passwords: Passwords | None = None,
    ) -> None:
        """Open or create. clock: Unix s; passwords: with other parameters than the product's."""
        file = PeopleFile(path)
        self.clock = clock
        self.sessions = Sessions(file, clock)
        self.accounts = Accounts(file, self.sessions.forget, clock)
        self.districts = Districts(file, self.sessions.forget, clock)
        self.contacts = Contacts(file, clock)
        self.tickets = Tickets(file, clock)
        self.second_factor = SecondFactor(file, self.sessions.forget, clock)
        self.log = Audit(file)
        self.passwords = passwords or Passwords()
        self.attempts = Attempts()
        self._file = file
        self._setting_up = threading.Lock()
        self.where: Callable[[str, str], str] = lambda what, target: ""
        """In which square the target of an audited act stands; whoever knows units and incidents
        sets it."""

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def audit(
        self,
        at: float,
        by: str,
        what: str,
        target: str,
        reason: str = "",
        detail: Mapping[str, object] | None = None,
        ip: str = "",
    ) -> None:
        """Add to the audit log what a person did elsewhere in the hub.

        by: the account's name; what: a word, told by the page as `audit_WORD`; target: a unit,
        square, incident; detail: what JSON can say.
        """
        square = self.where(what, target)
        with self._file.writing() as connection:
            audit.append(
                *(connection, at, By(by, ip), what, target, reason, detail), square=square
            )

    def forget(
        self, accounts: Collection[int], is_about: Callable[[dict[str, object]], bool], by: By
    ) -> None:
        """Accounts with all that is theirs go; rows of the audit log that are about their people
        are emptied (`audit.forget`). is_about: of a row."""
        with self._file.writing() as connection:
            for account in accounts:
                for table in ("recovery", "session", "device", "ticket", "contact"):
                    connection.execute(f"DELETE FROM {table} WHERE account=?", (account,))
                connection.execute("DELETE FROM account WHERE id=?", (account,))
            audit.forget(connection, is_about, self.clock(), by)
        self.sessions.forget()

    def restored(self, made: str) -> None:
        """This file is an older one, of a backup made then: what came after stands nowhere, and
        what opened a door since may have been closed."""
        with self._file.writing() as connection:
            for table in ("session", "device", "ticket"):
                connection.execute(f"DELETE FROM {table}")
            audit.append(connection, self.clock(), COMMAND_LINE, "restored", detail={"made": made})
        self.sessions.forget()

    def verify(self) -> str:
        """'' when the audit log is whole, else what is not."""
        try:
            return self.log.verify()
        except database.Error as error:
            return str(error)

    def set_up_secret(self) -> str:
        """Of the link by which the first administrator comes in; '' when there is one."""
        if self.accounts.governed():
            return ""
        return self.tickets.make(SET_UP, None, HUB)

    def set_up(
        self, secret: str, name: str, password: str, language: str, by: By
    ) -> Account | None:
        """The first administrator, by the set-up link; None where the link is void.

        password: its hash. Raises AccountError for the name; the link is then as good as before.
        """
        # of two who open it at the same moment, one gets it
        with self._setting_up:
            ticket = self.tickets.look(secret)
            if ticket is None or ticket.kind != SET_UP or self.accounts.governed():
                return None
            account = self.accounts.add(name, "admin", by, language=language, password=password)
            self.tickets.close(SET_UP)
        return account


def note_command(data: Path, what: str, target: str, detail: Mapping[str, object]) -> None:
    """Add to the audit log of the hub in `data`, if one has run there, what somebody does at its
    own computer, before it is done. Raises UserError."""
    if database.exists(data / "people.sqlite"):
        with closing(People(data / "people.sqlite")) as people:
            people.audit(people.clock(), COMMAND_LINE.name, what, target, detail=detail)
