"""A roll-out's life: (state, event, now, around) -> (state, effects). Pure.

One cohort after the other: the next begins when each unit of the last has proven it, or is left
for later because it is away. A few units are under way at a time, never two of one square. More
failures than a cohort may have, or a person, stop everything; only a person lets it go on.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from tamer import failed_starts

NEVER = float("inf")

LOST_SECONDS = 1800.0
"""A unit that has taken it and is not heard of for so long has failed: its trial takes 600 s."""
SUSPECT_SECONDS = 180.0
"""One that is away for so long while it tries it may have failed: a restart takes 20 s."""
WATCHED_SECONDS = 3600.0
"""For so long after its proof a unit's starts are counted, as it counts them itself."""
RETRY_SECONDS = 300.0
"""After the first refusal that may pass; each time twice as long."""
MOST_REFUSALS = 4
STAMP_MARGIN = 3900.0
"""An order that was sent holds for an hour; its stamp must hold longer."""

UNIT_STATES = ("waiting", "ordered", "trying", "proven", "failed", "later", "exempt")
"""ordered: it is on its way; trying: the unit has taken it; later: it was away for too long, and
gets it when it comes; exempt: it is not for it, or it has it already.
"""
OVER = UNIT_STATES[3:]
UNDER_WAY = ("ordered", "trying")

PASSING = (
    *("busy", "no memory", "cut", "late", "early", "clock", "number", "muted", "pause"),
    *("spoilt", "stale"),
)
"""Refusals that say nothing against what is rolled out."""

NOT_FOR_IT = {
    "verb": "too old",
    "no key": "no root",
    "board": "other board",
    "older": "has it",
}
"""Refusals by which a unit is none for it, and why."""

_SILENT, _UNTOLD = "silent", "untold"


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


def begun(
    cohorts: list[tuple[str, ...]],
    squares: Mapping[str, str],
    plan: Plan,
    now: float,
    *,
    number: int = 0,
    stamp: float = NEVER,
    boards: Mapping[str, str] | None = None,
    exempt: Mapping[str, str] | None = None,
) -> State:
    """boards: {unit: of what it gets}; exempt: {unit: why} of those that are in no cohort: they
    are shown, and never ordered."""
    units = {
        id: Unit(squares[id], place, (boards or {}).get(id, ""), since=now)
        for place, cohort in enumerate(cohorts)
        for id in cohort
    }
    for id, why in (exempt or {}).items():
        units[id] = Unit(squares[id], 0, state="exempt", since=now, why=why)
    return State(units, plan, number, began=now, stamp=stamp)


def step(state: State, event: Event, now: float, around: Around) -> tuple[State, list[Effect]]:
    """The state after an event at a time (Unix s), and what is to be done, in this order."""
    effects: list[Effect] = []
    changed = _Units(state.units)
    match event:
        case Given(id, attempt, n):
            if (unit := changed.get(id)) and unit.attempt == attempt and not unit.n:
                changed[id] = replace(unit, n=n)
        case NotGiven(id, attempt, why):
            if (unit := changed.get(id)) and (unit.attempt, unit.state) == (attempt, "ordered"):
                changed[id] = _ended(unit, "exempt" if why else "waiting", now, why)
        case Told():
            _told(changed, event, now, around)
        case Runs():
            _runs(changed, event, state.number, now)
        case Stopped(by, why) if state.state != "stopped":
            state = _stop(state, changed, why, by, effects)
        case Resumed(by) if state.state == "stopped":
            beyond = _beyond(state, changed)
            excused = state.cohort if state.why == "nobody" else state.excused
            state = replace(
                state, state="running", why="", by="", forgiven=beyond, excused=excused
            )
            effects.append(Note("resumed", {"by": by, "forgiven": beyond}))
        case Restamped(until):
            state = replace(state, stamp=until)
            effects.append(Note("restamped", {"until": until}))
        case _:
            pass
    state = _advance(state, changed, now, around, effects)
    return replace(state, units=changed.all()), effects


def watched(state: State) -> Iterator[tuple[str, Unit]]:
    """The units whose order may still say something new."""
    for id, unit in state.units.items():
        if unit.n and (unit.state in UNDER_WAY or unit.why in (_SILENT, _UNTOLD)):
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


class _Units:
    """Units, of which some change; the others stay the same objects."""

    def __init__(self, units: Mapping[str, Unit]) -> None:
        self._before = units
        self._changed: dict[str, Unit] = {}

    def get(self, id: str) -> Unit | None:
        return self._changed.get(id) or self._before.get(id)

    def __setitem__(self, id: str, unit: Unit) -> None:
        if unit != self.get(id):
            self._changed[id] = unit

    def items(self) -> Iterator[tuple[str, Unit]]:
        for id, unit in self._before.items():
            yield id, self._changed.get(id, unit)

    def all(self) -> Mapping[str, Unit]:
        return {**self._before, **self._changed} if self._changed else self._before


def _told(units: _Units, told: Told, now: float, around: Around) -> None:
    unit = units.get(told.unit)
    if unit is None or unit.n != told.n or unit.state in ("proven", "exempt"):
        return
    id, late = told.unit, unit.state not in UNDER_WAY
    match told.state:
        case "done":
            units[id] = _ended(unit, "proven", now, "", told.detail)
        case "refused" if told.why in NOT_FOR_IT:
            units[id] = _ended(unit, "exempt", now, NOT_FOR_IT[told.why], told.detail)
        case "refused" if told.why in PASSING and not late:
            units[id] = _again(unit, now, told.why, told.detail)
        case "refused":
            units[id] = _ended(unit, "failed", now, told.why, told.detail)
        case "taken" | "begun" if unit.state == "ordered":
            units[id] = replace(unit, state="trying", since=now, silent=0.0)
        case "expired" | "withdrawn" if not late:
            units[id] = _ended(unit, "waiting", now)
        case "unknown" if not late and unit.state == "trying" and id not in around.online:
            units[id] = _ended(unit, "failed", now, _SILENT)
        case "unknown" if not late:
            units[id] = _again(unit, now, _UNTOLD)
        case _:
            pass


def _ended(unit: Unit, state: str, now: float, why: str = "", detail: str = "") -> Unit:
    return replace(
        unit, state=state, since=now, why=why, detail=detail, held=0.0, silent=0.0, retry=0.0
    )


def _again(unit: Unit, now: float, why: str, detail: str = "") -> Unit:
    """Later, unless it was often enough."""
    refusals = unit.refusals + 1
    if refusals > MOST_REFUSALS:
        return _ended(unit, "failed", now, why, detail)
    pause = RETRY_SECONDS * 2 ** (refusals - 1)
    again = _ended(unit, "waiting", now, why, detail)
    return replace(again, refusals=refusals, retry=now + pause)


def _runs(units: _Units, runs: Runs, number: int, now: float) -> None:
    unit = units.get(runs.unit)
    if unit is None or not number:
        return
    if unit.state in ("waiting", "later") and runs.number >= number:
        units[runs.unit] = _ended(unit, "exempt", now, "has it")
    elif unit.state == "proven" and runs.number < number:
        units[runs.unit] = _ended(unit, "failed", now, "fell back", str(runs.number))
    elif unit.state == "proven" and now - unit.since <= WATCHED_SECONDS:
        starts = unit.starts + failed_starts.COUNTS.get(runs.reset, 0)
        if starts >= failed_starts.MANY:
            units[runs.unit] = _ended(unit, "failed", now, "crashes")
        else:
            units[runs.unit] = replace(unit, starts=starts)


def _stop(state: State, units: _Units, why: str, by: str, effects: list[Effect]) -> State:
    effects += [
        Withdraw(id, unit.attempt) for id, unit in units.items() if unit.state == "ordered"
    ]
    effects.append(Note("stopped", {"why": why, "by": by, "cohort": state.cohort}))
    return replace(state, state="stopped", why=why, by=by)


def _advance(
    state: State, units: _Units, now: float, around: Around, effects: list[Effect]
) -> State:
    """What is due: who is away, too many failures, the next cohort, the next orders."""
    for id, unit in units.items():
        if unit.why == "revoked" and id in around.known:
            # it is enrolled again
            units[id] = _ended(unit, "waiting", now)
        elif unit.cohort <= state.cohort and unit.state not in ("proven", "failed", "exempt"):
            units[id] = _looked_at(id, unit, state, now, around)
    if state.state != "stopped" and _beyond(state, units) > state.forgiven:
        return _stop(state, units, "failures", "", effects)
    while state.state == "running":
        cohort = [unit for _, unit in units.items() if unit.cohort == state.cohort]
        if any(unit.state not in OVER for unit in cohort):
            break
        if _in_vain(cohort) and state.excused < state.cohort:
            return _stop(state, units, "nobody", "", effects)
        if state.cohort + 1 >= state.cohorts:
            state = replace(state, state="done")
            effects.append(Note("done", {}))
        elif any(u.state == "proven" and now - u.since < state.plan.soak for u in cohort):
            break
        else:
            state = replace(state, cohort=state.cohort + 1, began=now)
            effects.append(Note("cohort", {"cohort": state.cohort}))
    if state.state != "stopped":
        _order(state, units, now, around, effects)
    return state


def _looked_at(id: str, unit: Unit, state: State, now: float, around: Around) -> Unit:
    if id not in around.known:
        return _ended(unit, "exempt", now, "revoked")
    away = id not in around.online
    if unit.state in UNDER_WAY:
        silent = (unit.silent or now) if away else 0.0
        if unit.state == "trying" and silent and now - silent >= LOST_SECONDS:
            return _ended(unit, "failed", now, _SILENT)
        return replace(unit, silent=silent)
    why = "away" if away else "loud" if unit.square in around.loud else ""
    if not why:
        return replace(unit, held=0.0, why="" if unit.why in ("away", "loud") else unit.why)
    held = unit.held or now
    # while it stands still nobody's time runs
    if unit.state == "waiting" and state.state != "stopped" and now - held >= state.plan.patience:
        return replace(unit, state="later", since=now, held=held, why=why)
    return replace(unit, held=held, why=why)


def _beyond(state: State, units: _Units, now: float = -NEVER) -> int:
    """Failures beyond what each cohort may have; with `now`, those that may be some too."""
    size, bad = [0] * state.cohorts, [0] * state.cohorts
    for _, unit in units.items():
        size[unit.cohort] += 1
        suspect = unit.silent and now - unit.silent >= SUSPECT_SECONDS
        bad[unit.cohort] += unit.state == "failed" or bool(suspect)
    may = [int(state.plan.failures * many) for many in size]
    return sum(max(0, found - most) for found, most in zip(bad, may, strict=True))


def _in_vain(cohort: list[Unit]) -> bool:
    """Nothing was learned: none has it, and some should have."""
    has_it = any(unit.state == "proven" or unit.why == "has it" for unit in cohort)
    return not has_it and any(unit.state in ("later", "failed") for unit in cohort)


def _order(state: State, units: _Units, now: float, around: Around, effects: list[Effect]) -> None:
    if is_stale(state, now) or not state.plan.open_at(around.hour):
        return
    if _beyond(state, units, now) > state.forgiven:
        return  # who has not come back yet may be one failure too many
    under_way = [unit for _, unit in units.items() if unit.state in UNDER_WAY]
    room = state.plan.at_once - len(under_way)
    busy = {unit.square for unit in under_way}
    for id, unit in list(units.items()):
        if room <= 0:
            return
        due = unit.state in ("waiting", "later") and unit.cohort <= state.cohort
        if not due or unit.retry > now or unit.square in busy:
            continue
        if id not in around.online or unit.square in around.loud:
            continue
        attempt = unit.attempt + 1
        units[id] = replace(
            unit, state="ordered", since=now, attempt=attempt, n=0, held=0.0, silent=0.0, why=""
        )
        effects.append(Give(id, attempt))
        busy.add(unit.square)
        room -= 1
