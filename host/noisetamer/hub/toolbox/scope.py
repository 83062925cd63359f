"""Where and when a question looks: squares, days and hours of the local clock. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

Ask = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""(a query, its values): its rows. The queries of this room are SQL that DuckDB and SQLite both
understand, over the tables of facts.tables."""

Part = tuple[str, list[Any]]
"""A condition with `?` for its values, and these."""


@dataclass(frozen=True)
class Scope:
    """squares: of these; None: of all; first, last: days since 1970, both included, None: from
    the beginning, to the end; weekdays: 0 Monday, none: all; since, until: hours of the clock,
    over midnight where until is not later."""

    squares: tuple[str, ...] | None = None
    first: int | None = None
    last: int | None = None
    weekdays: tuple[int, ...] = ()
    since: int = 0
    until: int = 24

    def part(self) -> Part:
        """Of rows of `hours` named h."""
        parts = [
            one_of("h.square", self.squares),
            ("h.day>=?", [self.first]) if self.first is not None else ("", []),
            ("h.day<=?", [self.last]) if self.last is not None else ("", []),
            one_of("h.weekday", self.weekdays or None),
            self._clock(),
        ]
        return together(parts)

    def _clock(self) -> Part:
        since, until = self.since % 24, self.until % 24
        if since == until:
            return "", []
        if since < until:
            return "h.hour>=? AND h.hour<?", [since, until]
        return "(h.hour>=? OR h.hour<?)", [since, until]

    def within(self, allowed: frozenset[str] | None) -> "Scope":
        """The same for somebody who may see these squares only; None: all."""
        if allowed is None:
            return self
        asked = allowed if self.squares is None else allowed & set(self.squares)
        return replace(self, squares=tuple(sorted(asked)))


@dataclass(frozen=True)
class Coverage:
    """What an answer rests on. hours: of squares that were looked at; valid: seconds that count,
    of `known` that could have."""

    hours: int
    valid: int
    known: int

    @property
    def part(self) -> float:
        """0 to 1."""
        return self.valid / self.known if self.known else 0.0


def coverage(ask: Ask, scope: Scope) -> Coverage:
    """Of a scope."""
    where, values = scope.part()
    ((hours, valid, known),) = ask(
        "SELECT count(*), coalesce(sum(h.valid), 0), coalesce(sum(h.known), 0) FROM hours h"
        f" WHERE {where}",
        values,
    )
    return Coverage(int(hours), int(valid), int(known))


def one_of(column: str, values: Sequence[Any] | None) -> Part:
    """A column's value is among these; None: whatever it is."""
    if values is None:
        return "", []
    return f"{column} IN ({','.join('?' * len(values))})" if values else "1=0", list(values)


def together(parts: Sequence[Part]) -> Part:
    """All of them."""
    texts = [text for text, _ in parts if text]
    return " AND ".join(texts) or "1=1", [value for _, values in parts for value in values]
