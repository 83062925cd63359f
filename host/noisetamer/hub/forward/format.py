"""What a format is: it is made for one destination, takes facts there and says what became of
them.

A format's file has

    WANTS: Sequence[str]                            # kinds of facts, where the file says none
    KEYS: Mapping[str, Key]                         # of its destination in forward.toml
    def make(asked: Asked, around: Around) -> Format
    def judge(keys) -> Sequence[tuple[str, str]]    # [(key, what is wrong)], where it wants it
    PLACED = True                                   # where a unit needs a [place]
    def judge(keys) -> Iterator[tuple[str, str]]    # where keys depend on each other: (key, why)
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from noisetamer.hub.forward.facts import Fact

if TYPE_CHECKING:  # a destination that only sends needs none of them
    from noisetamer.hub.incidents.incidents import Incidents
    from noisetamer.hub.live import Live
    from noisetamer.hub.orders.orders import Orders

REQUIRED = object()
"""The default of a key that has none."""


class Unreachable(Exception):  # noqa: N818
    """Nobody has said what becomes of it: try again, the same facts in the same order.

    The message is for people: what, where. Also for what is no fault of the facts, such as a
    password that is refused. taken: how many of the facts, from the first on, it has for certain;
    after: not before so many s, where the other side says so.
    """

    def __init__(self, why: str, taken: int = 0, after: float = 0.0) -> None:
        super().__init__(why)
        self.taken = taken
        self.after = after


class Refused(Exception):  # noqa: N818
    """These facts it will never take. Of several, each is tried by itself then, and the ones that
    are refused alone are put aside with the message as the reason."""


@dataclass(frozen=True)
class Sent:
    """What was given is done with. taken: how many facts it has; refused: {place among the
    facts given, from 0: why} of those that it will never take; the rest it has no use for.
    done: so many from the first on, where the others are to be given once more; None: all.
    """

    taken: int
    refused: Mapping[int, str] = field(default_factory=dict)
    done: int | None = None


@dataclass(frozen=True)
class Key:
    """One key of a destination. type: of TYPES in destinations.py; default: REQUIRED where it has
    to be there; among: the only values; least, most: of a number, of a text its length; what: for
    people.
    """

    type: str
    default: Any = REQUIRED
    among: Sequence[Any] = ()
    least: float | None = None
    most: float | None = None
    what: str = ""


@dataclass(frozen=True)
class Place:
    """Where a unit stands. latitude, longitude: WGS 84, degrees; height: m above ground."""

    latitude: float
    longitude: float
    height: float | None = None


@dataclass(frozen=True)
class Asked:
    """One destination as forward.toml asks for it.

    name: its own; kind: which format; facts: kinds of them; units, squares: of these only, all
    where both are empty; events: of these kinds only, all where it is empty; keys: what its format
    has, complete; a key of type "secret" is the content of its file.
    """

    name: str
    kind: str
    facts: tuple[str, ...]
    units: tuple[str, ...] = ()
    squares: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    at_once: int = 200
    timeout: float = 60.0
    keys: Mapping[str, Any] = field(default_factory=dict)

    def wants(self, fact: Fact) -> bool:
        return (
            fact.kind in self.facts
            and self.wants_unit(fact.unit, fact.square)
            and (fact.kind != "event" or not self.events or fact.what in self.events)
        )

    def wants_unit(self, unit: str, square: str) -> bool:
        """Whether anything of a unit in that square is for it."""
        everywhere = not self.units and not self.squares
        return everywhere or unit in self.units or square in self.squares


@dataclass(frozen=True)
class Unit:
    """A unit as destinations know it."""

    id: str
    name: str
    square: str


@dataclass(frozen=True)
class Around:
    """What of the hub a format may need.

    data: the hub's folder; hub: how it is called; utc_offset: of its clock, h; units: all there
    are, by id; places: {unit or square: where it is}, of forward.toml; clock: Unix s; note: say
    something for the page and the log, once; live, incidents, orders, audit, permitted: None
    where no hub runs, as in `noisetamer forward check`.
    """

    data: Path
    hub: str = "hub"
    utc_offset: float = 8.0
    units: Callable[[], Mapping[str, Unit]] = dict
    places: Mapping[str, Place] = field(default_factory=dict)
    clock: Callable[[], float] = time.time
    live: "Live | None" = None
    incidents: "Incidents | None" = None
    orders: "Orders | None" = None
    audit: Callable[..., object] | None = None
    account: Callable[[str], Any] | None = None

    def place(self, fact: Fact) -> Place | None:
        """Of its unit, else of its square; None where forward.toml says neither."""
        return self.places.get(fact.unit) or self.places.get(fact.square)


class Format:
    """Base of all formats; runs in the hub's event loop and blocks nothing."""

    async def send(self, facts: Sequence[Fact]) -> Sent:
        """Take these there, oldest first; at least one. Raises Unreachable or Refused.

        What it takes twice counts once there: after Unreachable they come again.
        """
        raise NotImplementedError

    @property
    def patience(self) -> float:
        """s that one fact may take by the destination's own rules, however short its `timeout`."""
        return 0.0

    async def check(self) -> str:
        """Try the destination without sending a fact: what it said, a sentence. Raises Unreachable
        or Refused."""
        raise NotImplementedError

    async def run(self) -> None:
        """What goes on beside sending, until cancelled: connections, commands that come back.
        Begun again where it fails."""
        await asyncio.Event().wait()

    @property
    def complaint(self) -> str:
        """What is wrong beside sending, such as a connection that cannot be kept; "" while all is
        well."""
        return ""

    async def close(self) -> None:
        """Let go of connections; the next `send` makes them anew."""
