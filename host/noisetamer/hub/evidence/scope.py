"""What a bundle is of: an incident, or a span of a square; which units, from when to when."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from noisetamer.base.errors import UserError
from noisetamer.hub.incidents.book import Book
from noisetamer.hub.incidents.incident import Incident
from noisetamer.hub.registry import Unit
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.store.queries import Queries

AROUND_SECONDS = 300
"""Of an incident, before and after: what the square was like otherwise."""

LONGEST = 7 * 86400

_BEFORE_SECONDS = 3600

HEARD = ("noise", "sudden")
"""Kinds of incident that every unit of the square may have heard."""


@dataclass(frozen=True)
class Asked:
    """by, role, ip: who asks; reason: what for; incident: or square with since and until, Unix s;
    pictures: who asks may see them; utc_offset: of the local clock, h; made: Unix s."""

    by: str
    reason: str
    role: str = ""
    ip: str = ""
    incident: int | None = None
    square: str = ""
    since: int = 0
    until: int = 0
    pictures: bool = True
    utc_offset: float = 8.0
    made: int = field(default_factory=lambda: int(time.time()))


@dataclass(frozen=True)
class Scope:
    """since <= t < until, Unix s by the units' clocks; incidents: of that square and time."""

    square: str
    units: tuple[str, ...]
    since: int
    until: int
    incident: Incident | None
    incidents: tuple[Incident, ...]

    @property
    def concerned(self) -> int:
        """From when on, by the hub's clock, what was done has to do with it, Unix s."""
        return int(min([self.since, *(one.opened for one in self.incidents)])) - _BEFORE_SECONDS


def scope(asked: Asked, book: Book, units: Sequence[Unit], queries: Queries) -> Scope:
    """Raises UserError for what there is not."""
    if asked.incident is not None:
        case = book.case(asked.incident) if 0 <= asked.incident < 2**63 else None
        if case is None:
            raise UserError(
                f"there is no incident {asked.incident}; the list of incidents has their numbers"
            )
        return _of_incident(case.incident, units, queries)
    there = sorted({square_of(unit) for unit in units})
    if asked.square not in there:
        raise UserError(
            f'--square "{asked.square}": this hub knows no unit of it; its squares are: '
            f"{', '.join(there) or 'none'}"
        )
    names = _of_square(asked.square, units)
    newest = max((span[1] for name in names if (span := queries.span(name))), default=0)
    found = _checked(asked.since, min(asked.until, max(newest, asked.since + 1)))
    incidents = [
        one
        for one in book.incidents(square=asked.square, since=found[0] - LONGEST, most=10_000)
        if _begin(one) < found[1] and (one.living or _end(one, found[1]) >= found[0])
    ]
    known = _known(names, queries, *found)
    if not known:
        raise UserError(f"{asked.square}: this hub has no second of it in that time")
    return Scope(asked.square, known, *found, None, tuple(incidents))


def _of_incident(incident: Incident, units: Sequence[Unit], queries: Queries) -> Scope:
    names = list(incident.units)
    if incident.kind in HEARD or not names:
        # the other boxes of the square heard it too, or did not
        names += _of_square(incident.square, units)
    names += [old for unit in units if unit.id in names for old in unit.replaced]
    begin = _begin(incident)
    newest = max((span[1] for unit in names if (span := queries.span(unit))), default=begin)
    end = max(begin + 1, newest if incident.living else _end(incident, newest))
    last = max(end, min(end + AROUND_SECONDS, newest))
    since, until = _checked(begin - AROUND_SECONDS, last)
    known = _known(names, queries, since, until)
    return Scope(
        incident.square, known or tuple(sorted(set(names))), since, until, incident, (incident,)
    )


def _begin(incident: Incident) -> int:
    return int(incident.begin if incident.begin is not None else incident.opened)


def _end(incident: Incident, newest: int) -> int:
    begin = _begin(incident)
    if incident.end is not None and incident.end >= begin:
        return int(incident.end) + 1
    over = incident.resolved or incident.closed
    return int(over) + 1 if over is not None and incident.begin is None else newest


def _of_square(square: str, units: Iterable[Unit]) -> list[str]:
    here = [unit for unit in units if square_of(unit) == square]
    return [name for unit in here for name in (unit.id, *unit.replaced)]


def _known(names: Iterable[str], queries: Queries, since: int, until: int) -> tuple[str, ...]:
    """Those that were there then: one that was admitted later, or was gone, is not missing."""
    found = []
    for name in sorted(set(names)):
        span = queries.span(name)
        if span and span[0] < until and span[1] > since:
            found.append(name)
    return tuple(found)


def _checked(since: int, until: int) -> tuple[int, int]:
    if until <= since:
        raise UserError("the end of the time asked for is not after its beginning")
    if until - since > LONGEST:
        raise UserError(
            "a bundle holds seven days at most: ask for a part (--square, --since, --until)"
        )
    return since, until
