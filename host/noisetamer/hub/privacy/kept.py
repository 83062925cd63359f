"""All that the hub in a folder keeps about a person: in which file, for how long.

Reads only, beside a hub that runs.
"""

import json
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base import database
from noisetamer.base.database import untouched
from noisetamer.base.personal import Kept, without, without_in
from noisetamer.hub.privacy import declared
from noisetamer.hub.privacy.declared import ACCOUNT, CLASSES, JSON, NAME, Table
from noisetamer.hub.privacy.whom import Whom

_DAY = 86_400


@dataclass(frozen=True)
class Found:
    """A row that is about a person. key: of its primary key, {column: value}; row: all of it;
    hits: the columns by which it was found."""

    table: Table
    key: dict[str, Any]
    row: dict[str, Any]
    hits: tuple[str, ...]


def about(data: Path, who: Whom) -> list[Kept]:
    """File by file, row by row. Raises database.Error for a file that is damaged."""
    found = []
    for table in declared.tables():
        if database.exists(data / table.file) and table.personal:
            with untouched(data / table.file) as connection:
                found += [_kept(one) for one in rows(connection, table, who)]
    return found


def rows(connection: database.Connection, table: Table, who: Whom) -> Iterator[Found]:
    """The rows of a table that are about a person; none of a table that an older file lacks."""
    columns = database.columns(connection, table.name)
    there = [column.name for column in columns]
    keys = [column.name for column in columns if column.is_key] or ["rowid"]
    personal = {name: kind for name, kind in table.personal.items() if name in there}
    if not personal:
        return
    wanted = ["rowid", *there] if keys == ["rowid"] else there
    bytes = {column.name for column in columns if column.is_bytes}
    where, values = _where(personal, bytes, who)
    cursor = connection.execute(
        f'SELECT {", ".join(_quoted(name) for name in wanted)} FROM "{table.name}" WHERE {where}',
        values,
    )
    for values in cursor.fetchall():
        row = dict(zip(wanted, values, strict=True))
        by = tuple(name for name, kind in personal.items() if hits(row[name], kind, who))
        if by:
            yield Found(table, {key: row[key] for key in keys}, row, by)


def text_of(value: Any) -> str:
    """Of a column that holds words."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")


def json_of(value: Any) -> Any:
    """Of a column that holds JSON; None for what is none."""
    try:
        return json.loads(text_of(value))
    except ValueError:
        return None


def _where(
    personal: dict[str, str], bytes: Container[str], who: Whom
) -> tuple[str, Sequence[object]]:
    """What may be theirs: a little more than is."""
    where, values = [], list[object]()
    for column, kind in personal.items():
        if kind == ACCOUNT:
            where += [f"{_quoted(column)}=?" for _ in who.accounts]
            values += who.accounts
            continue
        for name in who.names:
            if kind == NAME:
                where.append(f"{_quoted(column)}=?")
                values.append(name)
                continue
            # JSON may have been written with escapes
            for told in {name, json.dumps(name)[1:-1]}:
                where.append(f"instr({_quoted(column)}, ?) > 0")
                values.append(told.encode() if column in bytes else told)
    return " OR ".join(where) or "FALSE", values


def hits(value: Any, kind: str, who: Whom) -> bool:
    """Whether a column's value is about the person. kind: its class."""
    if value is None:
        return False
    if kind == ACCOUNT:
        return value in who.accounts
    if kind == NAME:
        return value in who.names
    if kind == JSON:
        told = json_of(value)
        return without_in(told, who.names) != told
    text = text_of(value)
    return without(text, who.names) != text


def _kept(found: Found) -> Kept:
    table = found.table
    at = found.row.get(table.at) if table.at else None
    until = at + table.days * _DAY if at is not None and table.days else None
    stays = {table.columns[name] for name in found.hits if table.columns[name] not in CLASSES}
    only = len(stays) == 1 and all(table.columns[name] not in CLASSES for name in found.hits)
    where = " ".join([table.name, *map(_named, found.key.values())])
    return Kept(
        *(table.file, where, ", ".join(found.hits), at, until),
        stays=next(iter(stays)) if only else "",
    )


def _named(key: Any) -> str:
    """Of a hash, enough to tell it from others."""
    return key.hex()[:8] if isinstance(key, bytes) else str(key)[:40]


def _quoted(name: str) -> str:
    return f'"{name}"'
