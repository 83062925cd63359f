"""Rows into a table of DuckDB, as columns: row by row it takes milliseconds each."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from noisetamer.hub.facts.tables import TABLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AT_ONCE = 20_000

_TYPES = {"BIGINT": np.int64, "DOUBLE": np.float64}


def insert(connection: "DuckDBPyConnection", table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Rows in the order of the table's columns, some at a time."""
    columns = TABLES[table]
    rest = iter(rows)
    while some := list(islice(rest, AT_ONCE)):
        batch = {
            name: _column(kind, values)
            for (name, kind), values in zip(columns.items(), zip(*some, strict=True), strict=True)
        }
        connection.register("batch", batch)
        connection.execute(f"INSERT INTO {table} SELECT * FROM batch")
        connection.unregister("batch")


def _column(kind: str, values: Sequence[Any]) -> Any:
    if kind not in _TYPES:
        return np.array(values, object)
    missing = [value is None for value in values]
    if not any(missing):
        return np.array(values, _TYPES[kind])
    return np.ma.array([value or 0 for value in values], _TYPES[kind], mask=missing)
