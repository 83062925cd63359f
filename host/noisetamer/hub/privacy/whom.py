"""By which names and numbers the files know a person."""

from dataclasses import dataclass
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.database import untouched
from noisetamer.hub.people.accounts import key_of


@dataclass(frozen=True)
class Whom:
    """names: as asked for, and of the account: its name and how people call it; accounts: their
    numbers."""

    names: tuple[str, ...]
    accounts: tuple[int, ...] = ()


def whom(data: Path, person: str) -> Whom:
    """An account's, where there is one of that name; else what somebody wrote. How people call an
    account is a name where no other is called so: two guards may both be "the guard"."""
    if not database.exists(data / "people.sqlite"):
        return Whom((person,) if person else ())
    with untouched(data / "people.sqlite") as connection:
        everybody = connection.execute("SELECT id, name, key, display FROM account").fetchall()
    called = [display for *_, display in everybody] + [name for _, name, *_ in everybody]
    found = [one for one in everybody if one[2] == key_of(person)]
    found = found or [one for one in everybody if one[3] == person and called.count(person) == 1]
    names = [person]
    for _, name, _, display in found:
        names.append(name)
        if called.count(display) == 1 or display == name:
            names.append(display)
    return Whom(tuple(dict.fromkeys(filter(None, names))), tuple(id for id, *_ in found))
