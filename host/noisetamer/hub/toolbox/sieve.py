"""Sieve (筛网): everything of a kind that all conditions hold for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from noisetamer.hub.toolbox.scope import Ask, Coverage, Part, Scope, coverage, together
from noisetamer.hub.toolbox.things import CONDITIONS, SUBJECTS

MOST = 50_000
"""Rows that are handed out; how many there are is counted in any case."""


@dataclass(frozen=True)
class Sieve:
    """subject: of SUBJECTS; conditions: {name of CONDITIONS: what is asked: a number in its unit,
    one of its choices, or of its list}."""

    scope: Scope
    subject: str = "hours"
    conditions: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sifted:
    """columns: of rows, the newest first, at most as many as asked for; count: of all; heat:
    [weekday, Monday first][hour]: how many; months: ("2026-11", how many)."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    count: int
    coverage: Coverage
    heat: list[list[int]]
    months: list[tuple[str, int]]


def sift(ask: Ask, asked: Sieve, most: int = MOST) -> Sifted:
    """most: rows that are wanted."""
    subject = SUBJECTS[asked.subject]
    where, values = together([asked.scope.part(), *_conditions(asked)])
    of = f"FROM {subject.source} WHERE {where}"
    columns = ", ".join(f"{sql} AS {name}" for name, sql in subject.columns.items())
    rows = ask(f"SELECT {columns} {of} ORDER BY {subject.order} LIMIT ?", [*values, most])
    heat = [[0] * 24 for _ in range(7)]
    months: dict[str, int] = {}
    for month, weekday, hour, n in ask(
        f"SELECT h.month, h.weekday, h.hour, count(*) {of} GROUP BY h.month, h.weekday, h.hour"
        " ORDER BY h.month, h.weekday, h.hour",
        values,
    ):
        heat[weekday][hour] += n
        months[month] = months.get(month, 0) + n
    return Sifted(
        *(tuple(subject.columns), rows, sum(months.values())),
        *(coverage(ask, asked.scope), heat, list(months.items())),
    )


def _conditions(asked: Sieve) -> list[Part]:
    found: list[Part] = []
    for name, value in asked.conditions.items():
        condition = CONDITIONS[name]
        if asked.subject not in condition.subjects:
            continue
        if condition.choices is not None:
            found.append((condition.choices[value], []))
        elif condition.unit:
            found.append((condition.sql, [value * condition.scale]))
        else:
            found.append((condition.sql, [int(value) if name == "group" else value]))
    return found
