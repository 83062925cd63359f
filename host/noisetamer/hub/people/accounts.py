"""The accounts: who there is, in which role, for which squares; changed with a word in the log."""

import json
import time
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass

from noisetamer.base import database
from noisetamer.base.errors import WordedError
from noisetamer.hub.people import audit
from noisetamer.hub.people.audit import COMMAND_LINE, HUB, By
from noisetamer.hub.people.file import PeopleFile
from noisetamer.hub.people.roles import ROLES, Account

LONGEST_NAME = 64
# who the audit log names where it was no account
_NOBODYS = {HUB.name, COMMAND_LINE.name}
_COLUMNS = "id, name, display, role, squares, language, password!='', disabled, totp!=''"


@dataclass(frozen=True)
class Person:
    """An account with what its administrators see. ready: has chosen a password; second_factor:
    is asked for a code besides."""

    account: Account
    ready: bool
    disabled: bool
    second_factor: bool


class AccountError(WordedError):
    """What cannot be done with an account."""


class Accounts:
    """The accounts in the register. changed: is called after whatever may end a session."""

    def __init__(
        self,
        file: PeopleFile,
        changed: Callable[[], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._file = file
        self._changed = changed
        self._clock = clock

    def all(self) -> list[Person]:
        """Everybody, in the order they came."""
        with self._file.reading() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM account ORDER BY id").fetchall()
        return [_person(row) for row in rows]

    def one(self, id: int) -> Account | None:
        """None where there is none, or it is disabled."""
        with self._file.reading() as connection:
            return account_of(connection, id)

    def active(self, name: str) -> Account | None:
        """By its name; None where there is none, or it is disabled."""
        person = self.named(name)
        return person and self.one(person.account.id)

    def person(self, id: int) -> Person | None:
        """Disabled or not."""
        with self._file.reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM account WHERE id=?", (id,)
            ).fetchone()
        return _person(row) if row else None

    def named(self, name: str) -> Person | None:
        """By its name, however it is written."""
        with self._file.reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM account WHERE key=?", (key_of(name),)
            ).fetchone()
        return _person(row) if row else None

    def add(
        self,
        name: str,
        role: str,
        by: By,
        display: str = "",
        squares: Collection[str] | None = None,
        language: str = "zh",
        password: str = "",
    ) -> Account:
        """A new account. password: its hash; '' where its owner chooses one by a link.

        Raises AccountError for a name that is taken or empty, and for no role.
        """
        name = _clean(name)
        if not name or len(name) > LONGEST_NAME:
            raise AccountError("name_length", f"A name has 1 to {LONGEST_NAME} characters.")
        if key_of(name) in _NOBODYS:
            raise AccountError("name_taken", f"{name} is what the hub calls itself in its log.")
        _check(role)
        with self._file.writing() as connection:
            try:
                (id,) = connection.execute(
                    "INSERT INTO account(name, key, display, role, squares, language, password, "
                    "created) VALUES(?,?,?,?,?,?,?,?) RETURNING id",
                    (
                        *(name, key_of(name), _clean(display)[:LONGEST_NAME], role),
                        *(_list(squares), language, password, self._clock()),
                    ),
                ).fetchone()
            except database.IntegrityError:
                raise AccountError("name_taken", f"There is a {name} already.") from None
            detail = {"role": role, "squares": _told(squares)}
            audit.append(connection, self._clock(), by, "account_added", name, detail=detail)
            account = account_of(connection, id)
        assert account is not None
        return account

    def change(
        self,
        id: int,
        by: By,
        role: str,
        squares: Collection[str] | None,
        display: str,
        language: str,
    ) -> None:
        """Raises AccountError where nobody would be left who governs."""
        _check(role)
        with self._file.writing() as connection:
            before, governed = _person_of(connection, id), _governs(connection)
            connection.execute(
                "UPDATE account SET role=?, squares=?, display=?, language=? WHERE id=?",
                (role, _list(squares), _clean(display)[:LONGEST_NAME], language, id),
            )
            _must_still_govern(connection, governed)
            detail: dict[str, object] = {}
            if role != before.account.role:
                detail["role"] = [before.account.role, role]
            if _told(squares) != _told(before.account.squares):
                detail["squares"] = [_told(before.account.squares), _told(squares)]
            if _clean(display) != before.account.display:
                detail["display"] = [before.account.display, _clean(display)]
            name = before.account.name
            audit.append(connection, self._clock(), by, "account_changed", name, detail=detail)
        self._changed()

    def disable(self, id: int, disabled: bool, by: By, reason: str = "") -> None:
        """End all its sessions and let it in no more, or let it in again.

        Raises AccountError where nobody would be left who governs.
        """
        with self._file.writing() as connection:
            before, governed = _person_of(connection, id), _governs(connection)
            connection.execute("UPDATE account SET disabled=? WHERE id=?", (disabled, id))
            if disabled:
                end_logins(connection, id)
                connection.execute("DELETE FROM ticket WHERE account=?", (id,))
                _must_still_govern(connection, governed)
            what = "account_disabled" if disabled else "account_enabled"
            audit.append(connection, self._clock(), by, what, before.account.name, reason)
        self._changed()

    def forget(self, id: int, by: By) -> None:
        """Take out how its owner is called and reached; it lets nobody in any more. Its name
        stays, which names nobody where it was made by the hub. Raises AccountError."""
        with self._file.writing() as connection:
            before, governed = _person_of(connection, id), _governs(connection)
            connection.execute(
                "UPDATE account SET display='', password='', totp='', disabled=1 WHERE id=?", (id,)
            )
            end_logins(connection, id)
            for table in ("ticket", "recovery", "contact"):
                connection.execute(f"DELETE FROM {table} WHERE account=?", (id,))
            _must_still_govern(connection, governed)
            name = before.account.name
            audit.append(connection, self._clock(), by, "account_forgotten", name)
        self._changed()

    def password_of(self, id: int) -> str:
        """The hash; '' where none was chosen yet."""
        with self._file.reading() as connection:
            row = connection.execute("SELECT password FROM account WHERE id=?", (id,)).fetchone()
        return row[0] if row else ""

    def set_password(self, id: int, hash: str, by: By, tell: bool = True) -> None:
        """Another password; every session of the account and every known device ends.

        tell: not where the same password is only hashed anew; then nothing ends.
        """
        with self._file.writing() as connection:
            person = _person_of(connection, id)
            connection.execute("UPDATE account SET password=? WHERE id=?", (hash, id))
            if tell:
                end_logins(connection, id)
                audit.append(connection, self._clock(), by, "password", person.account.name)
        self._changed()

    def governed(self) -> bool:
        """Whether somebody can log in who may add people; else the hub asks to be set up."""
        with self._file.reading() as connection:
            return _governs(connection)


def key_of(name: str) -> str:
    """How names are compared: 'Ｌi' is 'li'."""
    return _clean(name).casefold()


def account_of(connection: database.Connection, id: int) -> Account | None:
    """None where it is disabled."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM account WHERE id=? AND disabled=0", (id,)
    ).fetchone()
    return _person(row).account if row else None


def end_logins(connection: database.Connection, id: int) -> None:
    """Its sessions and the devices it is known by, within a transaction of the caller."""
    connection.execute("DELETE FROM session WHERE account=?", (id,))
    connection.execute("DELETE FROM device WHERE account=?", (id,))


def _person_of(connection: database.Connection, id: int) -> Person:
    row = connection.execute(f"SELECT {_COLUMNS} FROM account WHERE id=?", (id,)).fetchone()
    if row is None:
        raise AccountError("no_account", f"There is no account {id}.")
    return _person(row)


def _person(row: tuple) -> Person:
    id, name, display, role, squares, language, ready, disabled, second = row
    only = None if squares is None else frozenset(json.loads(squares))
    # a role this version does not know may do nothing
    account = Account(id, name, display or name, role, only, language)
    return Person(account, bool(ready), bool(disabled), bool(second))


def _governs(connection: database.Connection) -> bool:
    governing = [role for role, permissions in ROLES.items() if "people" in permissions]
    marks = ",".join("?" * len(governing))
    query = (
        "SELECT 1 FROM account WHERE disabled=0 AND password!='' AND squares IS NULL "
        f"AND role IN ({marks})"
    )
    return connection.execute(query, governing).fetchone() is not None


def _must_still_govern(connection: database.Connection, governed: bool) -> None:
    if governed and not _governs(connection):
        raise AccountError(
            "last_admin", "Nobody would be left who may add people: make another one admin first."
        )


def _check(role: str) -> None:
    if role not in ROLES:
        raise AccountError("no_role", f"There is no role {role}: take one of {', '.join(ROLES)}.")


def _clean(text: str) -> str:
    """One line of what can be shown: no control characters, no override of direction."""
    normal = unicodedata.normalize("NFKC", text)
    shown = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in normal)
    return " ".join(shown.split())


def _list(squares: Collection[str] | None) -> str | None:
    return None if squares is None else json.dumps(sorted(squares), ensure_ascii=False)


def _told(squares: Collection[str] | None) -> list[str] | str:
    return "all" if squares is None else sorted(squares)
