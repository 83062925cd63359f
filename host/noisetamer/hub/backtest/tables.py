"""A table of levels, as meters and offices write them, for a backtest."""

from pathlib import Path

import numpy as np

from noisetamer.base.errors import UserError
from noisetamer.hub.backtest.intervals import Intervals
from noisetamer.hub.backtest.stored import Stored
from noisetamer.sound.level_tables import LevelTable, read
from noisetamer.sound.level_tables.stamps import DateOrder
from tamer.record.reading import MISSING, VALID, Second

_ONE_SECOND = 0.02  # s that an interval may differ from it


def seconds(tables: dict[str, LevelTable], name: str) -> list[Stored]:
    """Seconds of one unit; what no table has of them is missing."""
    columns: dict[int, dict[str, int]] = {}
    for quantity, table in tables.items():
        for t, level in zip(table.t.tolist(), table.level.tolist(), strict=True):
            columns.setdefault(round(t), {})[quantity] = round(10 * level)
    names = Second._fields[1:-1]
    return [
        (name, Second._make((t, *(columns[t].get(one, MISSING) for one in names), VALID)))
        for t in sorted(columns)
    ]


def intervals(tables: dict[str, LevelTable], name: str) -> list[Intervals]:
    """Of levels that are not of a second."""
    return [
        Intervals(name, quantity, table.interval, table.t, table.level)
        for quantity, table in tables.items()
    ]


def are_seconds(tables: dict[str, LevelTable]) -> bool:
    return all(abs(table.interval - 1) <= _ONE_SECOND for table in tables.values())


def read_all(
    file: Path,
    wanted: list[str],
    since: int,
    until: int | None,
    zone: str | None,
    else_zone: tuple[str, str] | None,
    date_order: DateOrder | None,
) -> dict[str, LevelTable]:
    """{quantity: its table} of those wanted that the file holds, and of LAFmax for the nights.

    zone, else_zone: as level_tables.read has them. Raises UserError where it holds none of them.
    """
    found: dict[str, LevelTable] = {}
    first: UserError | None = None
    for quantity in dict.fromkeys((*wanted, "LAFmax")):
        if quantity not in wanted and not found:
            break
        try:
            table = read(file, quantity, zone=zone, date_order=date_order, else_zone=else_zone)
        except UserError as error:
            first = first or error
            continue
        found[quantity] = _part(table, since, until)
    if not found and first:
        raise first
    return found


def _part(table: LevelTable, since: int, until: int | None) -> LevelTable:
    within = (table.t >= since) & (table.t < (np.inf if until is None else until))
    if within.all():
        return table
    return LevelTable(
        table.t[within],
        table.level[within],
        table.interval,
        table.quantity,
        table.format,
        table.taken,
        table.left_out,
    )
