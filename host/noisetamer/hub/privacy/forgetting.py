"""A person is forgotten: every row goes, or stays without the name; evidence stays as hashes."""

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.personal import Kept, sealed, without, without_in
from noisetamer.hub.around import Around
from noisetamer.hub.log import book
from noisetamer.hub.log import schema as log_schema
from noisetamer.hub.people.audit import By
from noisetamer.hub.people.people import People
from noisetamer.hub.privacy import declared, kept
from noisetamer.hub.privacy.declared import CLASSES, JSON, NAME, WORDS, Table
from noisetamer.hub.privacy.whom import Whom

WHY = "a person asked for it"
# What these keep of people is more than columns: their stores, or below, let go of it.
_OWN = ("people.sqlite", "log.sqlite", "complaints.sqlite", "permits.sqlite")
_OWN += ("patrols.sqlite", "open_day.sqlite")
_MADE_ANEW = ("evidence",)


def forget(data: Path, who: Whom, people: People, around: Around, by: By) -> list[Kept]:
    """What is left: what has to stay, each with why, and what somebody added meanwhile.

    Raises AccountError where nobody would be left who may add people; UserError, database.Error
    for what the disk refuses: asked again, it goes on.
    """
    for account in who.accounts:
        people.accounts.disable(account, True, by, WHY)
    for file in dict.fromkeys(table.file for table in declared.tables()):
        if file not in _OWN and database.exists(data / file):
            _empty(data / file, [one for one in declared.tables() if one.file == file], who)
    _complaints(data, who, around)
    _permits(data, who, around)
    for name in who.names:
        around.patrols.forget(name)
        around.open_day.forget(name)
    _contents(data, who, people.clock)
    people.forget(who.accounts, lambda row: _is_about(row, who), by)
    for folder in _MADE_ANEW:
        shutil.rmtree(data / folder, ignore_errors=True)
    # a number that was an account's is nobody's now, and never another's
    return kept.about(data, Whom(who.names))


def _empty(file: Path, tables: list[Table], who: Whom) -> None:
    """Row by row, by what is declared of each column."""
    with closing(database.plain(file)) as connection, database.transaction(connection):
        for table in tables:
            for found in list(kept.rows(connection, table, who)):
                where = " AND ".join(f'"{key}" IS ?' for key in found.key)
                values = tuple(found.key.values())
                if table.goes:
                    connection.execute(f'DELETE FROM "{table.name}" WHERE {where}', values)
                    continue
                emptied = {
                    name: _emptied(found.row[name], table.columns[name], who)
                    for name in found.hits
                    if table.columns[name] in (NAME, WORDS, JSON)
                }
                if emptied and "sealed" in table.columns:
                    emptied["sealed"] = sealed(list(found.row.values()))
                if emptied:
                    sets = ", ".join(f'"{name}"=?' for name in emptied)
                    connection.execute(
                        f'UPDATE "{table.name}" SET {sets} WHERE {where}',
                        (*emptied.values(), *values),
                    )


def _emptied(value: object, kind: str, who: Whom) -> str:
    if kind == NAME:
        return ""
    if kind == JSON:
        told = without_in(kept.json_of(value), who.names)
        return json.dumps(told, ensure_ascii=False)
    return without(kept.text_of(value), who.names)


def _complaints(data: Path, who: Whom, around: Around) -> None:
    for table, found in _found(data, "complaints.sqlite", who):
        if table.name == "complaint":
            around.complaints.forget([found.key["id"]])
    _of_file(data, "complaints.sqlite", "desk", who)


def _permits(data: Path, who: Whom, around: Around) -> None:
    for table, found in _found(data, "permits.sqlite", who):
        if table.name == "leader":
            around.permits.forget(found.key["square_group"])


def _of_file(data: Path, file: str, name: str, who: Whom) -> None:
    tables = [one for one in declared.tables() if (one.file, one.name) == (file, name)]
    if database.exists(data / file):
        _empty(data / file, tables, who)


def _found(data: Path, file: str, who: Whom) -> list[tuple[Table, kept.Found]]:
    if not database.exists(data / file):
        return []
    with database.untouched(data / file) as connection:
        return [
            (table, found)
            for table in declared.tables()
            if table.file == file
            for found in kept.rows(connection, table, who)
        ]


def _contents(data: Path, who: Whom, clock: Callable[[], float]) -> None:
    """Leaves of the log: their contents go, a leaf says which, and every proof still holds."""
    indexes = [found.key["n"] for _, found in _found(data, log_schema.FILE, who)]
    if indexes:
        with (
            closing(database.opened(data / log_schema.FILE, log_schema.SCHEMA)) as connection,
            database.transaction(connection),
        ):
            book.forget(connection, indexes, WHY, int(clock()))


def _is_about(row: dict[str, object], who: Whom) -> bool:
    """A row of the audit log."""
    table = next(one for one in declared.tables() if one.name == "audit")
    return any(
        kept.hits(row[name], kind, who) for name, kind in table.personal.items() if kind in CLASSES
    )
