"""A roll-out in words, for the terminal. Pure."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from noisetamer.hub.updates import rollout
from noisetamer.hub.updates.book import Rollout
from noisetamer.hub.updates.rollout import NEVER, UNIT_STATES, State

STOPPED = {
    "person": "stopped by {by}",
    "failures": "stopped by itself: more boxes failed than may",
    "nobody": "stands still: no box of its cohort could be reached",
}

UNITS = {
    "waiting": "waiting",
    "ordered": "on its way",
    "trying": "on trial",
    "proven": "proven",
    "failed": "failed",
    "later": "away, gets it later",
    "exempt": "not for it",
}

WHYS = {
    "silent": "it took it and has not come back",
    "untold": "it never told how it ended",
    "fell back": "it went back to an older release later",
    "has it": "it has it already",
    "other board": "it is another board",
    "board unknown": "it has not told which board it is",
    "too old": "its firmware takes no updates over the air: flash it by cable",
    "no root": "it has no root key: flash it by cable",
    "no order": "it has no command key",
    "revoked": "it is at this hub no more",
    "away": "it is away",
    "loud": "its square is loud",
}


def lines(one: Rollout, now: float) -> list[str]:
    """What it is, a table of its cohorts, each unit that is not as it should be. now: Unix s."""
    state = one.state
    told = [f"{one.load.name}: {_standing(state)}"]
    if state.stamp != NEVER:
        told.append(f"stamp until {_at(state.stamp)}{_stale(state, now)}")
    columns = [name for name in UNIT_STATES if any(u.state == name for u in state.units.values())]
    told.append("  ".join(["cohort  boxes  may fail", *(UNITS[name] for name in columns)]))
    for cohort in range(state.cohorts):
        units = state.of(cohort)
        of = Counter(unit.state for unit in units.values())
        mark = ">" if cohort == state.cohort and state.state == "running" else " "
        counts = [f"{of[name]:{len(UNITS[name])}d}" for name in columns]
        may = rollout.allowed(state, cohort)
        told.append("  ".join([f"{mark}{cohort + 1:5d}  {len(units):5d}  {may:8d}", *counts]))
    for id, unit in sorted(state.units.items()):
        if unit.state != "proven" and (unit.why or unit.state in rollout.UNDER_WAY):
            words = WHYS.get(unit.why, unit.why)
            said = ": ".join(filter(None, (UNITS[unit.state], words, unit.detail)))
            told.append(f"{id}  {unit.square}  {said}")
    return told


def table(one: Rollout) -> dict[str, Any]:
    """The same for programs."""
    state = one.state
    return {
        "name": one.load.name,
        "number": state.number,
        "state": state.state,
        "why": state.why,
        "cohort": state.cohort + 1,
        "cohorts": [
            dict(Counter(unit.state for unit in state.of(cohort).values()))
            for cohort in range(state.cohorts)
        ],
        "units": {
            id: {"cohort": u.cohort + 1, "state": u.state, "why": u.why, "detail": u.detail}
            for id, u in sorted(state.units.items())
        },
    }


def _standing(state: State) -> str:
    if state.state == "stopped":
        return STOPPED[state.why].format(by=state.by)
    if state.state == "done":
        owed = sum(unit.state == "later" for unit in state.units.values())
        return f"done; {owed} get it when they come" if owed else "done"
    return f"cohort {state.cohort + 1} of {state.cohorts}"


def _stale(state: State, now: float) -> str:
    return ": too short, no box gets it before a new one" if rollout.is_stale(state, now) else ""


def _at(t: float) -> str:
    return f"{datetime.fromtimestamp(t, UTC):%Y-%m-%d %H:%M} UTC"
