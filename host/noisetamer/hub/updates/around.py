"""What a roll-out asks of the hub's other parts, put together."""

from collections.abc import Collection
from pathlib import Path

from noisetamer.hub.live import Live
from noisetamer.hub.orders.orders import Orders
from noisetamer.hub.people.people import People
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.store.queries import Queries
from noisetamer.hub.updates.book import FILE
from noisetamer.hub.updates.updates import Running, Sources, Updates
from tamer.judge.stages import TOO_LOUD


def updates_of(
    data: Path,
    orders: Orders,
    live: Live,
    queries: Queries,
    people: People,
    utc_offset: float,
    several: bool = False,
) -> Updates:
    """Of the hub in `data`. utc_offset: of the squares' clock, h; several: as of Updates. Raises
    UserError for a file that cannot be used."""

    def loud() -> set[str]:
        states = live.states.values()
        return {square_of(state.unit) for state in states if state.stage in TOO_LOUD}

    sources = Sources(
        units=lambda: {state.unit.id: square_of(state.unit) for state in live.states.values()},
        online=lambda: {id for id, state in live.states.items() if state.online is True},
        loud=loud,
        runs=lambda units: running(queries, units),
        feed=queries.feed,
        feed_end=queries.feed_end,
        audit=people.audit,
    )
    return Updates(data / FILE, orders, sources, utc_offset, several=several)


def running(queries: Queries, units: Collection[str]) -> dict[str, Running]:
    """What each said at its last start."""
    found = {}
    for unit, told in queries.conditions(dict.fromkeys(units, 0.0)).items():
        if told.boot:
            fields = told.boot.fields
            found[unit] = Running(
                fields.get("release", 0),
                fields.get("board", ""),
                told.status.get("firmware") or fields.get("firmware", ""),
            )
    return found
