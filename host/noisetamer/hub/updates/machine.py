"""A roll-out's life: (state, event, now, around) -> (state, effects). Pure.

One cohort after the other: the next begins when each unit of the last has proven it, or is left
for later because it is away. A few units are under way at a time, never two of one square. More
failures than a cohort may have, or a person, stop everything; only a person lets it go on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from noisetamer.hub.updates.rollout import (
    ENDED,
    NEVER,
    OVER,
    SILENT,
    UNDER_WAY,
    UNTOLD,
    Around,
    Effect,
    Event,
    Give,
    Given,
    Note,
    NotGiven,
    Plan,
    Restamped,
    Resumed,
    Runs,
    State,
    Stopped,
    Told,
    Unit,
    Withdraw,
    is_stale,
)
from tamer import failed_starts

LOST_SECONDS = 1800.0
"""A unit that has taken it and is not heard of for so long has failed: its trial takes 600 s."""
SUSPECT_SECONDS = 180.0
"""One that is away for so long while it tries it may have failed: a restart takes 20 s."""
WATCHED_SECONDS = 3600.0
"""For so long after its proof a unit's starts are counted, as it counts them itself."""
RETRY_SECONDS = 300.0
"""After the first refusal that may pass; each time twice as long."""
MOST_REFUSALS = 4

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
            units[id] = _ended(unit, "failed", now, SILENT)
        case "unknown" if not late:
            units[id] = _again(unit, now, UNTOLD)
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
        elif unit.cohort <= state.cohort and unit.state not in ENDED:
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
            return _ended(unit, "failed", now, SILENT)
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
