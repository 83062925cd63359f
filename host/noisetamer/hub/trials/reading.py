"""Incidents that were dealt by lot, out of what the boxes told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from noisetamer.base import database
from noisetamer.hub import registry
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.store.queries import PastEvent, Queries
from noisetamer.hub.trials.dealt import Dealt, Outcome
from tamer.judge.stages import TOO_LOUD
from tamer.judge.warning_outcomes import RELAPSE
from tamer.record.reading import MISSING

_OUTCOME = ("stage", "message", "number", "effective", "after")
KINDS = ("dealt", "stage", "outcome", "hand-over", "relapse", "boot", "resumed")


def read(data: Path, since: int, until: int, square: str | None = None) -> list[Dealt]:
    """All that began in since <= t < until, Unix s, in a hub's data folder; oldest first.

    Raises UserError where a file there cannot be used.
    """
    store = data / "hub.sqlite"
    if not database.exists(store):
        return []
    units = registry.registered(data / "units.sqlite") + registry.gone(data / "units.sqlite")
    places = {unit.id: square_of(unit) for unit in units}
    wanted = {id: of for id, of in places.items() if square in (None, of)}
    return of_units(Queries(store), wanted, since, until)


def of_units(queries: Queries, places: dict[str, str], since: int, until: int) -> list[Dealt]:
    """As `read`. places: {unit: its square}."""
    found = []
    for unit, square in places.items():
        # most boxes have no trial, and a year of stages
        if not queries.told(unit, since, until, ("dealt",)):
            continue
        # what comes of the last is told after it
        events = queries.told(unit, since, until + 2 * RELAPSE, KINDS)
        newest = queries.latest(unit)
        heard = max(events[-1].t, newest[1] if newest else 0)
        found += dealt(unit, square, events, min(heard, until + 2 * RELAPSE))
    return sorted((one for one in found if one.start < until), key=lambda one: one.start)


@dataclass
class _Open:
    """An incident that goes on, or that was released lately."""

    unit: str
    square: str
    event: PastEvent
    people: bool = False
    relapse: float | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    ended: int | None = None
    released: bool = False

    def closed(self, known: int) -> Dealt:
        """known: up to when the box is known to have listened, Unix s."""
        start, told = self.event.t, self.event.fields
        took = float((known if self.ended is None else self.ended) - start)
        followed = min(known - start - took, RELAPSE) if self.released else 0.0
        return Dealt(
            self.unit,
            self.square,
            told["trial"],
            told["arm"],
            told["probability"] / 1000,
            start,
            took if self.released else None,
            took,
            self.relapse,
            self.people,
            tuple(self.outcomes),
            max(0.0, followed),
        )


def dealt(unit: str, square: str, events: Iterable[PastEvent], heard: int) -> list[Dealt]:
    """Of one unit's events of KINDS, in their order. heard: Unix s up to which it was heard."""
    found: list[Dealt] = []
    now: _Open | None = None  # goes on
    before: _Open | None = None  # released; a relapse may come
    known = 0  # when the box was heard of last

    def close(one: _Open | None) -> None:
        if one:
            found.append(one.closed(known))

    for event in events:
        told = event.fields
        if event.kind == "boot":
            close(before)
            before = None
            if now:
                now.ended = known  # unless it tells that it goes on
            continue
        known = event.t
        match event.kind:
            case "dealt":
                now = _Open(unit, square, event)
            case "outcome" if now:
                now.outcomes.append(Outcome(*(told[name] for name in _OUTCOME)))
            case "hand-over" if now:
                now.people = True
            case "relapse" if before:
                before.relapse = told["after"]
                close(before)
                before = None
            case "resumed" if now and told["stage"] in TOO_LOUD:
                now.ended = None
            case "resumed" | "stage" if now and _begins(event):
                close(now)
                now = None
            case "stage" if told["from"] in TOO_LOUD and told["to"] not in TOO_LOUD:
                close(before)
                before = None
                if now:
                    now.ended = known
                    # given up where nothing could be heard: no level
                    now.released = told.get("level", MISSING) != MISSING
                    if now.released:
                        before = now
                    else:
                        close(now)
                    now = None
    known = heard
    close(before)
    close(now)
    return found


def _begins(event: PastEvent) -> bool:
    """Whether an incident that went on before it has ended without a word."""
    told = event.fields
    return event.kind == "resumed" or told["from"] not in TOO_LOUD
