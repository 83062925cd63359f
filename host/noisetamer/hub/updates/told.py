"""A roll-out in words, for its page and the terminal; all of it for the terminal. Pure."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from noisetamer.hub.squares.order import natural
from noisetamer.hub.updates import rollout
from noisetamer.hub.updates.book import Rollout
from noisetamer.hub.updates.rollout import NEVER, OVER, UNDER_WAY, Unit
from noisetamer.hub.words.i18n import Texts

ORDER = ("proven", "trying", "ordered", "failed", "later", "waiting", "exempt")
"""In which the states of a cohort's units are told."""


def title(one: Rollout, texts: Texts) -> str:
    """How it stands, in a sentence."""
    state, key = one.state, f"updates_{one.state.state}"
    left = rollout.owed(state)
    if state.state == "stopped":
        key += f"_{state.why}"
    elif state.state == "done" and left:
        key += "_owed"
    return texts[key].format(
        name=_name(one, texts),
        cohort=state.cohort + 1,
        cohorts=state.cohorts,
        owed=left,
        by=called(state.by, texts),
    )


def called(by: str, texts: Texts) -> str:
    """Who it was: an account, or whoever was at the hub's own computer."""
    return texts["audit_by_command_line"] if by == "command line" else by


def said(unit: Unit, texts: Texts) -> str:
    """How it is with a unit, in our words and its own."""
    words = [texts[f"updates_state_{unit.state}"]]
    if unit.why:
        known = texts.get(f"updates_why_{unit.why}") or texts.get(f"order_why_{unit.why}")
        words.append(known or unit.why)
    if unit.detail and unit.state in OVER and unit.state != "proven":
        words.append(texts["updates_box_said"].format(detail=unit.detail))
    return texts["fleet_and"].join(words)


def parts(count: Mapping[str, int], texts: Texts) -> list[tuple[str, str]]:
    """(state, how many are in it) of each that there is, in ORDER."""
    there = [name for name in ORDER if count.get(name)]
    return [(name, f"{texts[f'updates_state_{name}']} {count[name]}") for name in there]


def lines(one: Rollout, texts: Texts, now: float) -> list[str]:
    """What it is, its cohorts, each unit that is not as it should be. now: Unix s."""
    state = one.state
    told = [title(one, texts)]
    if state.stamp != NEVER:
        key = "updates_stamp_over" if rollout.is_stale(state, now) else "updates_stamp"
        at = f"{datetime.fromtimestamp(state.stamp, UTC):%Y-%m-%d %H:%M} UTC"
        told.append(texts[key].format(at=at))
    for cohort in range(state.cohorts):
        units = state.of(cohort)
        mark = ">" if cohort == state.cohort and state.state == "running" else " "
        name = texts["updates_cohort"].format(cohort=cohort + 1)
        may = rollout.allowed(state, cohort)
        size = texts["updates_boxes"].format(boxes=len(units), may=may)
        count = Counter(unit.state for unit in units.values())
        told.append(
            "  ".join([f"{mark} {name}", size, *(part for _, part in parts(count, texts))])
        )
    for id, unit in sorted(state.units.items(), key=lambda each: natural(each[0])):
        if unit.state != "proven" and (unit.why or unit.state in UNDER_WAY):
            told.append(f"{id}  {unit.square}  {said(unit, texts)}")
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


def _name(one: Rollout, texts: Texts) -> str:
    if one.load.number:
        return texts["updates_release"].format(release=one.load.number)
    kind, _, name = one.load.name.partition(" ")
    said = texts.get(f"updates_{kind}")
    return said.format(name=name) if said else one.load.name
