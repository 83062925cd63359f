"""What everybody may see of a square: never a name of a person, a picture or an incident."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from noisetamer.hub.complaints.heard import mean
from noisetamer.hub.complaints.public import SETTING as PUBLIC
from noisetamer.hub.complaints.public import Public, code_of, read
from noisetamer.hub.live import UnitState
from noisetamer.hub.open_day.open_day import next_open_day
from noisetamer.hub.squares.squares import square_of
from noisetamer.hub.store.packed_day import DAY
from noisetamer.hub.store.queries import PastEvent
from noisetamer.hub.store.series import minutes
from noisetamer.hub.web.context import Context
from noisetamer.hub.web.day_drawing import DayDrawing, draw
from noisetamer.hub.web.decides_by import policy_of
from noisetamer.hub.web.timeline import clock, decibels, level_text, local_time, midnight, tell
from noisetamer.hub.words.i18n import Texts
from noisetamer.unit.policy.show import rulings
from tamer.judge.policy import Policy
from tamer.judge.rules import ruling
from tamer.judge.stages import AMBER, GREEN, TOO_LOUD
from tamer.record.reading import MISSING, is_dated

RECENT = 10
"""s of which the level now is the mean."""
LATE = 120
"""s after which what was last heard is said to be old."""
_LINES = 12
# what a box did by itself, of which nothing is anybody's
_TOLD = {"stage", "warning", "outcome", "spotlight", "relapse", "sudden"}
_MINUTES = 1440


@dataclass(frozen=True)
class BoxToday:
    """name: "" of a square's only box; level, limit: dB(A) as text, "--" where there is none;
    look: of the number; stage: in words; note: why the number is none, or is old, or ""; at:
    when that was; over: by so many dB, "" where it is not; coverage: of today's seconds, %;
    loud: how often it was too loud today; warned, obeyed: how often it spoke, and how often it
    helped; lines: (time, sentence), the newest first."""

    code: str
    unit: str
    name: str
    level: str
    limit: str
    look: str
    stage: str
    note: str
    at: str
    coverage: int
    drawing: DayDrawing | None
    loud: int
    warned: int
    obeyed: int
    lines: list[tuple[str, str]]


def found(hub: Context, code: str) -> tuple[str, str | None] | None:
    """(the square, the box) of a code; None of the box for the whole square. None where there is
    no such, or its page is off; blocks."""
    for state in hub.live.states.values():
        name = square_of(state.unit)
        unit = state.unit.id if code_of(state.unit.id) == code else None
        if unit is not None or code_of(name) == code:
            return (name, unit) if public_of(hub, name).on else None
    return None


def public_of(hub: Context, square: str) -> Public:
    """Blocks."""
    return read(hub.squares.setting(square, PUBLIC))


def boxes(hub: Context, square: str, unit: str | None) -> list[UnitState]:
    """Of a square, the one that is named first."""
    states = [one for one in hub.live.states.values() if square_of(one.unit) == square]
    return sorted(states, key=lambda one: (one.unit.id != unit, one.unit.id))


def open_day(hub: Context, now: float) -> date:
    """The next one."""
    return next_open_day(clock(int(now), hub.utc_offset).date())


def time_of(state: UnitState, now: float) -> int:
    """The second it is for a box: a simulated one lives at its own time, while it runs."""
    own = state.last if state.unit.simulated and state.online else None
    return own if own is not None and is_dated(own) else int(now)


def level_now(hub: Context, state: UnitState, now: float) -> tuple[int | None, str, int | None]:
    """(LAeq of the last RECENT seconds that count, 0.1 dB; why there is none, "" else, "late" of
    one that is not of now; when that was, None where nothing was ever heard); blocks."""
    at = time_of(state, now)
    if not state.stale and state.now is not None and state.now.LAeq != MISSING:
        return state.now.LAeq, "", state.now.t
    curve = hub.queries.last_hour(state.unit.id, state.unit.replaced)
    if curve is None or not curve.LAeq:
        return None, "not received", None
    newest = curve.t0 + len(curve.LAeq) - 1
    recent = [level for level in curve.LAeq[-RECENT:] if level is not None]
    reason = curve.invalid[-1][2] if not recent and curve.invalid else ""
    late = at - newest > LATE or state.online is False
    return mean(recent), "late" if late else reason, newest


def today(hub: Context, state: UnitState, texts: Texts, named: bool, now: float) -> BoxToday:
    """named: with the box's own name; blocks."""
    units = [state.unit.id, *state.unit.replaced]
    level, why, newest = level_now(hub, state, now)
    at = time_of(state, now)
    begins = midnight(clock(at, hub.utc_offset).date(), hub.utc_offset)
    series = hub.levels.series(units, begins, begins + DAY)
    levels: list[int | None] = []
    valid, spoken = 0, []
    if series.hours:
        first, of = minutes(series.hours)
        before = (first - begins) // 60
        heard = of["LAeq"].tolist()
        levels += [None] * before
        levels += [None if one == MISSING else one for one in heard]
        spoken = [before + n for n, one in enumerate(of["own_voice"].tolist()) if one]
        valid = int(of["valid"].sum(dtype=int))
    policy = policy_of(hub, square_of(state.unit), state.unit.id)
    limits = _ruled(policy, begins) if policy else _limits(hub, units, state, begins)
    limit = _limit_now(policy, state, at)
    told = [event for unit in units for event in hub.queries.told(unit, begins, begins + DAY)]
    told = sorted((one for one in told if one.kind in _TOLD), key=lambda one: one.t)
    late = why == "late"
    stage = "" if late or level is None else state.stage
    return BoxToday(
        code_of(state.unit.id),
        state.unit.id,
        state.unit.name if named else "",
        level_text(MISSING if level is None else level),
        "--" if limit is None else decibels(limit),
        _look(stage),
        texts[f"stage_{stage or 'unknown'}"],
        _note(why, texts),
        local_time(newest, hub.utc_offset, newest < begins) if newest is not None else "--",
        round(100 * valid / max(1, min(DAY, at + 1 - begins))),
        draw(levels[:_MINUTES], limits, spoken),
        *_counts(told),
        [(line.at, line.text) for line in tell(told, texts, hub.utc_offset, _LINES)],
    )


def limit_now(hub: Context, state: UnitState, at: int) -> int | None:
    """0.1 dB; None where it is not known; blocks."""
    return _limit_now(policy_of(hub, square_of(state.unit), state.unit.id), state, at)


def _limit_now(policy: Policy | None, state: UnitState, at: int) -> int | None:
    if policy is not None:
        return ruling(policy, at).limit
    return state.limits[-1][1] if state.limits else None


def _ruled(policy: Policy, begins: int) -> list[tuple[int, int]]:
    """(minute of the day, 0.1 dB), by the policy that the box decides by."""
    found = rulings(policy, begins, begins + DAY)
    return [((one.since - begins) // 60, one.limit) for one in found]


def _limits(
    hub: Context, units: list[str], state: UnitState, begins: int
) -> list[tuple[int, int]]:
    """(minute of the day, 0.1 dB), as events told them, and what the box says live."""
    known = hub.levels.limits(units, begins - DAY, begins + DAY)
    known = sorted({*known, *(one for one in state.limits if is_dated(one[0]))})
    steps: list[tuple[int, int]] = []
    for t, limit in known:
        minute = max(0, (t - begins) // 60)
        if minute >= _MINUTES:
            break
        if steps and steps[-1][0] == minute:
            steps.pop()
        if not steps or steps[-1][1] != limit:
            steps.append((minute, limit))
    return steps


def _counts(told: Iterable[PastEvent]) -> tuple[int, int, int]:
    """How often it was too loud, spoke, and helped."""
    loud = warned = obeyed = 0
    for event in told:
        if event.kind == "stage":
            loud += event.fields["to"] in TOO_LOUD and event.fields["from"] not in TOO_LOUD
        warned += event.kind == "warning"
        obeyed += event.kind == "outcome" and event.fields["effective"]
    return loud, warned, obeyed


def _look(stage: str) -> str:
    if not stage:
        return "unknown"
    return stage if stage in (GREEN, AMBER) else "red"


def _note(why: str, texts: Texts) -> str:
    if not why:
        return ""
    if why == "late":
        return texts["public_late"]
    return texts["public_not_valid"].format(reason=texts.get(f"reason_{why}", why))


def now() -> float:
    """By the hub's clock, Unix s."""
    return time.time()
