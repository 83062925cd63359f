"""Facts of squares that never were, as many as asked for: in DuckDB and, the same, in SQLite."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from noisetamer.hub.facts.columns import insert
from noisetamer.hub.facts.derived import derive
from noisetamer.hub.facts.file import SETTINGS
from noisetamer.hub.facts.tables import TABLES, statements

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BEGIN = 1_735_660_800  # 2025-01-01 00:00 at +08:00
EAST = 8.0
HOUR, DAY = 3600, 86_400
EVENING = range(18, 21)

INDEXES = (
    "CREATE INDEX hours_at ON hours(square, t)",
    *(
        f"CREATE INDEX {name}_at ON {name}(square, hour_t)"
        for name in TABLES
        if name not in ("units", "levels", "stretches", "groups", "weather", "hours")
    ),
)


def rows(seed: int, squares: int, days: int) -> dict[str, list[tuple[Any, ...]]]:
    """Groups play every evening, most evenings it is too loud once or twice; of three incidents
    two are followed by a complaint within half an hour; the box speaks in each."""
    draw = np.random.default_rng(seed)
    found: dict[str, list[tuple[Any, ...]]] = {table: [] for table in TABLES}
    for n in range(squares):
        _square(draw, n, days, found)
    wet = draw.random(24 * days) < 0.08
    found["weather"] = [
        (
            *("", BEGIN + at * HOUR, round(float(draw.gamma(2, 1.2)), 1)),
            *(1.5 if wet[at] else 0.0, round(float(15 + draw.normal(0, 6)), 1)),
        )
        for at in range(24 * days)
    ]
    return found


def _square(
    draw: np.random.Generator, n: int, days: int, found: dict[str, list[tuple[Any, ...]]]
) -> None:
    square, unit = f"广场{n + 1}", f"SIM-{n + 1:04}"
    found["units"].append((unit, square, "", unit))
    found["groups"].append((n + 1, square, f"{n + 1} 队"))
    for day in range(days):
        midnight = BEGIN + day * DAY
        for hour in range(24):
            t = midnight + hour * HOUR
            loud = hour in EVENING
            LAeq = int((640 if loud else 480) + draw.normal(0, 25))
            known = draw.random() > 0.01
            found["levels"].append(
                (
                    unit,
                    square,
                    t,
                    *((LAeq, LAeq + 120, LAeq + 30, LAeq - 60) if known else (None,) * 4),
                    650,
                    3590 if known else 0,
                    200 if loud and LAeq > 650 else 0,
                )
            )
            if loud and hour < 20:
                found["playing"].append((square, t, t, n + 1, n + 1))
        for _ in range(int(draw.poisson(1.5))):
            _incident(draw, unit, square, midnight, found)
        for point in ("门", "亭"):
            t = midnight + 19 * HOUR
            made = t + int(draw.integers(0, HOUR)) if draw.random() < 0.9 else None
            found["visits"].append((square, t, t, t + 2 * HOUR, "晚", point, made))
            if made:
                found["check_ins"].append(
                    (len(found["check_ins"]) + 1, square, made, t, point, "panel", made)
                )


def _incident(
    draw: np.random.Generator,
    unit: str,
    square: str,
    midnight: int,
    found: dict[str, list[tuple[Any, ...]]],
) -> None:
    id = len(found["incidents"]) + 1
    t = midnight + 18 * HOUR + int(draw.integers(0, 3 * HOUR))
    lasted = int(draw.exponential(400)) + 20
    found["incidents"].append(
        (
            *(id, unit, square, t, t // HOUR * HOUR, t + lasted, "noise", "resolved"),
            *(int(660 + draw.exponential(40)), 650, None, 0, int(draw.random() < 0.1), 0),
        )
    )
    found["stretches"].append((unit, square, t, t + lasted, int(draw.normal(90, 40))))
    obeyed = int(draw.random() < 0.6)
    found["warnings"].append(
        (
            *(unit, square, t + 5, (t + 5) // HOUR * HOUR, "polite", "polite_zh", 1, obeyed),
            *(30 if obeyed else None, "", "", None),
        )
    )
    if draw.random() < 2 / 3:
        at = t + int(draw.integers(60, 1800))
        found["complaints"].append(
            (len(found["complaints"]) + 1, square, at, at // HOUR * HOUR, "12345", "", None)
        )


def duckdb_of(made: dict[str, list[tuple[Any, ...]]], file: Path) -> "DuckDBPyConnection":
    """All tables, those that follow from others too."""
    import duckdb

    connection = duckdb.connect(file, config=SETTINGS)
    for statement in statements():
        connection.execute(statement)
    for table, some in made.items():
        insert(connection, table, some)
    last = max(t for _, _, t, *_ in made["levels"])
    derive(connection, last + HOUR, EAST)
    return connection


def sqlite_of(facts: "DuckDBPyConnection", file: Path | str) -> sqlite3.Connection:
    """The same tables, with an index where a query joins or looks."""
    connection = sqlite3.connect(file, isolation_level=None)
    for statement in statements():
        connection.execute(statement)
    for table, columns in TABLES.items():
        connection.execute("BEGIN")
        connection.executemany(
            f"INSERT INTO {table} VALUES({','.join('?' * len(columns))})",
            facts.execute(f"SELECT * FROM {table}").fetchall(),
        )
        connection.execute("COMMIT")
    for statement in INDEXES:
        connection.execute(statement)
    connection.execute("ANALYZE")
    return connection


class Asked:
    """Of either engine."""

    def __init__(self, connection: "DuckDBPyConnection | sqlite3.Connection") -> None:
        self._connection = connection

    def __call__(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, list(values)).fetchall()
