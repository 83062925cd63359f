"""By which names and numbers the files know a person."""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base.database import untouched
from noisetamer.hub.people.accounts import key_of


@dataclass(frozen=True)
class Whom:
    """names: as asked for, and of the account: its name and how people call it; accounts: their
    numbers."""

    names: tuple[str, ...]
    accounts: tuple[int, ...] = ()


def whom(data: Path, person: str) -> Whom:
    """An account's, where there is one of that name; else what somebody wrote."""
    names, accounts = [person], []
    if (data / "people.sqlite").is_file():
        with suppress(sqlite3.Error), untouched(data / "people.sqlite") as connection:
            for id, name, display in connection.execute(
                "SELECT id, name, display FROM account WHERE key=? OR display=?",
                (key_of(person), person),
            ):
                names += [name, display]
                accounts.append(id)
    return Whom(tuple(dict.fromkeys(name for name in names if name)), tuple(accounts))
