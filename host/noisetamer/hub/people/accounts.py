"""The accounts: who there is, in which role, for which squares; changed with a word in the log."""

import json
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from noisetamer.base import database
from noisetamer.hub.people import audit
from noisetamer.hub.people.audit import COMMAND_LINE, HUB, By
from noisetamer.hub.people.districts import district_in, districts_in
from noisetamer.hub.people.file import PeopleFile
from noisetamer.hub.people.names import AccountError, cleaned, key_of
from noisetamer.hub.people.roles import ROLES, Account, District

__all__ = ["AccountError", "Accounts", "Person", "key_of"]

LONGEST_NAME = 64
# who the audit log names where it was no account
_NOBODYS = {HUB.name, COMMAND_LINE.name}
_COLUMNS = "id, name, display, role, squares, language, password!='', disabled, totp!='', district"


@dataclass(frozen=True)
class Person:
    """An account with what its administrators see. ready: has chosen a password; second_factor:
    is asked for a code besides; chosen: the squares it was given, None: all there are where it
    belongs."""

    account: Account
    ready: bool
    disabled: bool
    second_factor: bool
    chosen: frozenset[str] | None = None


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
            districts = districts_in(connection)
        return [_person(row, districts.get(row[-1])) for row in rows]

    def governed_by(self, account: Account) -> list[Person]:
        """Those of `all` whom this account may know of."""
        return [person for person in self.all() if account.governs(person.account)]

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
            return _looked_up(connection, "id=?", id)

    def named(self, name: str) -> Person | None:
        """By its name, however it is written."""
        with self._file.reading() as connection:
            return _looked_up(connection, "key=?", key_of(name))

    def add(
        self,
        name: str,
        role: str,
        by: By,
        display: str = "",
        squares: Collection[str] | None = None,
        language: str = "zh",
        password: str = "",
        district: int | None = None,
    ) -> Account:
        """A new account. password: its hash; '' where its owner chooses one by a link; squares:
        None: all of its district, or of the hub.

        Raises AccountError for a name that is taken or empty, for no role, no district, and for
        squares that are of another one.
        """
        name = cleaned(name)
        if not name or len(name) > LONGEST_NAME:
            raise AccountError("name_length", f"A name has 1 to {LONGEST_NAME} characters.")
        if key_of(name) in _NOBODYS:
            raise AccountError("name_taken", f"{name} is what the hub calls itself in its log.")
        _check(role)
        with self._file.writing() as connection:
            where = _district(connection, district, squares)
            try:
                (id,) = connection.execute(
                    "INSERT INTO account(name, key, display, role, squares, language, password, "
                    "created, district) VALUES(?,?,?,?,?,?,?,?,?) RETURNING id",
                    (
                        *(name, key_of(name), cleaned(display)[:LONGEST_NAME], role),
                        *(_list(squares), language, password, self._clock(), district),
                    ),
                ).fetchone()
            except database.IntegrityError:
                raise AccountError("name_taken", f"There is a {name} already.") from None
            detail: dict[str, object] = {"role": role, "squares": _told(squares)}
            if where:
                detail["district"] = where.name
            audit.append(
                *(connection, self._clock(), by, "account_added", name),
                detail=detail,
                district=district,
            )
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
        district: int | None = None,
    ) -> None:
        """Raises AccountError where nobody would be left who governs the city, for no district,
        and for squares that are of another one."""
        _check(role)
        with self._file.writing() as connection:
            before, governed = _person_of(connection, id), _governs(connection)
            where = _district(connection, district, squares)
            connection.execute(
                "UPDATE account SET role=?, squares=?, display=?, language=?, district=? "
                "WHERE id=?",
                (role, _list(squares), cleaned(display)[:LONGEST_NAME], language, district, id),
            )
            _must_still_govern(connection, governed)
            detail: dict[str, object] = {}
            if role != before.account.role:
                detail["role"] = [before.account.role, role]
            if _told(squares) != _told(before.chosen):
                detail["squares"] = [_told(before.chosen), _told(squares)]
            if cleaned(display) != before.account.display:
                detail["display"] = [before.account.display, cleaned(display)]
            was = before.account.district
            if (was and was.id) != district:
                detail["district"] = [was.name if was else "", where.name if where else ""]
            name = before.account.name
            audit.append(
                *(connection, self._clock(), by, "account_changed", name),
                detail=detail,
                # who comes to a district brings no word of another one
                district=district if (was and was.id) == district else None,
            )
        self._changed()

    def present(self, account: Account, by: By, display: str, language: str) -> None:
        """How one is called, and in which language one is told."""
        person = self.person(account.id)
        if person is not None:
            district = account.district and account.district.id
            self.change(
                *(account.id, by, account.role, person.chosen, display, language, district)
            )

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


def account_of(connection: database.Connection, id: int) -> Account | None:
    """None where it is disabled."""
    person = _looked_up(connection, "disabled=0 AND id=?", id)
    return person.account if person else None


def end_logins(connection: database.Connection, id: int) -> None:
    """Its sessions and the devices it is known by, within a transaction of the caller."""
    connection.execute("DELETE FROM session WHERE account=?", (id,))
    connection.execute("DELETE FROM device WHERE account=?", (id,))


def _looked_up(connection: database.Connection, where: str, value: int | str) -> Person | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM account WHERE {where}", (value,)).fetchone()
    if row is None:
        return None
    return _person(row, None if row[-1] is None else district_in(connection, row[-1]))


def _person_of(connection: database.Connection, id: int) -> Person:
    found = _looked_up(connection, "id=?", id)
    if found is None:
        raise AccountError("no_account", f"There is no account {id}.")
    return found


def _person(row: tuple, district: District | None) -> Person:
    id, name, display, role, squares, language, ready, disabled, second, belongs = row
    chosen = only = None if squares is None else frozenset(json.loads(squares))
    if belongs is not None:
        # of a district that is not there, nothing
        its = district.squares if district else frozenset()
        only = its if only is None else only & its
    # a role this version does not know may do nothing
    account = Account(
        *(id, name, display or name, role, only, language, district),
        all_of_district=district is not None and chosen is None,
    )
    return Person(account, bool(ready), bool(disabled), bool(second), chosen)


def _district(
    connection: database.Connection, id: int | None, squares: Collection[str] | None
) -> District | None:
    """Raises AccountError for no district, and for squares that are not in it."""
    if id is None:
        return None
    found = district_in(connection, id)
    if found is None:
        raise AccountError("no_district", "There is no such district.")
    if squares is not None and not set(squares) <= found.squares:
        raise AccountError("square_elsewhere", "A square is none of this district.")
    return found


def _governs(connection: database.Connection) -> bool:
    governing = [role for role, permissions in ROLES.items() if "people" in permissions]
    marks = ",".join("?" * len(governing))
    query = (
        "SELECT 1 FROM account WHERE disabled=0 AND password!='' AND squares IS NULL "
        f"AND district IS NULL AND role IN ({marks})"
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


def _list(squares: Collection[str] | None) -> str | None:
    return None if squares is None else json.dumps(sorted(squares), ensure_ascii=False)


def _told(squares: Collection[str] | None) -> list[str] | str:
    return "all" if squares is None else sorted(squares)
