"""How a roll-out and its units stand, in JSON too; what may happen in it (events) and what is to
be done then (effects). Pure. What leads from one state to the next: machine.py.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

NEVER = float("inf")

STAMP_MARGIN = 3900.0
"""An order that was sent holds for an hour; its stamp must hold longer."""

UNIT_STATES = ("waiting", "ordered", "trying", "proven", "failed", "later", "exempt")
"""ordered: it is on its way; trying: the unit has taken it; later: it was away for too long, and
gets it when it comes; exempt: it is not for it, or it has it already.
"""
OVER = UNIT_STATES[3:]
"""Its cohort waits for it no more."""
ENDED = ("proven", "failed", "exempt")
"""It is given nothing any more."""
UNDER_WAY = ("ordered", "trying")

SILENT, UNTOLD = "silent", "untold"
"""Why a unit failed that was not heard of, or whose order nobody knows the end of."""


@dataclass(frozen=True)
class Plan:
    """failures: share of a cohort that may fail, 0 to 1; at_once: units under way at a time;
    patience: s for which a cohort waits for a unit that is away, or whose square is loud; soak: s
    for which each has run it before the next cohort begins; hours: (from, to) of the local clock,
    within which orders are given; None: always.
    """

    failures: float = 0.01
    at_once: int = 20
    patience: float = 86_400.0
    soak: float = 600.0
    hours: tuple[float, float] | None = None

    def open_at(self, hour: float) -> bool:
        if self.hours is None:
            return True
        begin, end = self.hours
        return begin <= hour < end if begin < end else hour >= begin or hour < end


@dataclass(frozen=True)
class Unit:
    """One unit in it. board: of what it gets (loads.Body); since: of its state, Unix s; attempt:
    how often it was ordered; n: number of that order, 0 while it is not known; refusals: that may
    pass; retry: not before; held: since when it could not be ordered, why: by what; silent: since
    when it is away though under way, 0: it is not; starts: what those after its proof count
    (tamer.failed_starts); why, detail: in the end, in the unit's words.
    """

    square: str
    cohort: int
    board: str = ""
    state: str = "waiting"
    since: float = 0.0
    attempt: int = 0
    n: int = 0
    refusals: int = 0
    retry: float = 0.0
    held: float = 0.0
    silent: float = 0.0
    starts: int = 0
    why: str = ""
    detail: str = ""


@dataclass(frozen=True)
class State:
    """state: "running", "stopped", "done"; number: of the release, 0 for what has none; cohort:
    the one whose turn it is; began: its; stamp: until when what is sent along holds; why, by:
    it was stopped; forgiven: failures beyond what is allowed, after which a person let it go on;
    excused: the cohort of which nobody was reached, after which a person did.
    """

    units: Mapping[str, Unit]
    plan: Plan = field(default_factory=Plan)
    number: int = 0
    state: str = "running"
    cohort: int = 0
    began: float = 0.0
    stamp: float = NEVER
    why: str = ""
    by: str = ""
    forgiven: int = 0
    excused: int = -1

    @property
    def cohorts(self) -> int:
        return 1 + max((unit.cohort for unit in self.units.values()), default=-1)

    def of(self, cohort: int) -> dict[str, Unit]:
        return {id: unit for id, unit in self.units.items() if unit.cohort == cohort}


@dataclass(frozen=True)
class Around:
    """online: units that are connected; known: all there are; loud: squares that are too loud
    now; hour: of the local clock, 0 to 24."""

    online: Collection[str]
    known: Collection[str]
    loud: Collection[str] = ()
    hour: float = 0.0


@dataclass(frozen=True)
class Given:
    """The order has its number."""

    unit: str
    attempt: int
    n: int


@dataclass(frozen=True)
class NotGiven:
    """No order was given to it; why: none can be, "": it was not wanted any more."""

    unit: str
    attempt: int
    why: str = ""


@dataclass(frozen=True)
class Told:
    """How its order stands, of orders.STATES."""

    unit: str
    n: int
    state: str
    why: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Runs:
    """It has started with this release; reset: why, as its boot record says."""

    unit: str
    number: int
    reset: str = ""


@dataclass(frozen=True)
class Stopped:
    by: str
    why: str = "person"


@dataclass(frozen=True)
class Resumed:
    by: str


@dataclass(frozen=True)
class Restamped:
    """What is sent along holds until then, Unix s."""

    until: float


@dataclass(frozen=True)
class Tick:
    """Time has passed."""


Event = Given | NotGiven | Told | Runs | Stopped | Resumed | Restamped | Tick


@dataclass(frozen=True)
class Give:
    """Order it; unit and attempt are its name within the roll-out."""

    unit: str
    attempt: int


@dataclass(frozen=True)
class Withdraw:
    """An order that the unit has not taken is not wanted any more."""

    unit: str
    attempt: int


@dataclass(frozen=True)
class Note:
    """For people. what: "cohort", "stopped", "resumed", "restamped", "done"."""

    what: str
    fields: dict[str, Any]


Effect = Give | Withdraw | Note


def watched(state: State) -> Iterator[tuple[str, Unit]]:
    """The units whose order may still say something new."""
    for id, unit in state.units.items():
        if unit.n and (unit.state in UNDER_WAY or unit.why in (SILENT, UNTOLD)):
            yield id, unit


def is_news(unit: Unit, told: Told) -> bool:
    """Whether that is more of its order than is known."""
    if unit.state == "ordered":
        return told.state not in ("given", "sent")
    if unit.state == "trying":
        return told.state not in ("given", "sent", "taken", "begun")
    return told.state in ("refused", "done")


def failed(state: State) -> dict[str, Unit]:
    return {id: unit for id, unit in state.units.items() if unit.state == "failed"}


def owed(state: State) -> int:
    """How many may still get it."""
    return sum(unit.state not in ENDED for unit in state.units.values())


def allowed(state: State, cohort: int) -> int:
    """How many units of a cohort may fail."""
    return int(state.plan.failures * len(state.of(cohort)))


def is_stale(state: State, now: float) -> bool:
    """Whether what is sent along holds too short to be sent."""
    return state.stamp - now < STAMP_MARGIN


def to_fields(thing: State | Unit) -> dict[str, Any]:
    """For JSON; of a state, without its units."""
    found = asdict(replace(thing, units={})) if isinstance(thing, State) else asdict(thing)
    found.pop("units", None)
    if found.get("stamp") == NEVER:
        found["stamp"] = None
    return found


def unit_from(found: dict[str, Any]) -> Unit:
    return Unit(**_known(Unit, found))


def state_from(found: dict[str, Any], units: Mapping[str, Unit]) -> State:
    kept = _known(State, found)
    plan = plan_from(kept.pop("plan"))
    if kept.get("stamp") is None:
        kept["stamp"] = NEVER
    return State(units, plan, **kept)


def plan_from(found: dict[str, Any]) -> Plan:
    """Of JSON."""
    kept = _known(Plan, found)
    return Plan(**{**kept, "hours": tuple(kept["hours"]) if kept.get("hours") else None})


def _known(kind: type, found: dict[str, Any]) -> dict[str, Any]:
    """What a later version has added is left out."""
    names = {one.name for one in fields(kind)}
    return {name: value for name, value in found.items() if name in names}
