"""Policies side by side over stored seconds: counts, one sentence, and what it does not mean."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from noisetamer.hub.backtest.replay import Did, Replay
from noisetamer.hub.backtest.stored import Stored
from tamer.judge.ladder import STAGES
from tamer.judge.policy import Policy
from tamer.record.reading import MISSING, is_valid

CAVEAT = (
    "A replay cannot answer: nobody turned down because of a word that was never said, and what "
    "was recorded already holds what people did after the words that were. So incidents are "
    "what it would have found; words and calls after the first of an incident are at most these."
)

ADDRESSEES = ("leader", "property", "police")


@dataclass
class Heard:
    """One unit's record. Curves have a value a second: t in Unix s, LAeq in 0.1 dB or MISSING."""

    t: array = field(default_factory=lambda: array("q"))
    LAeq: array = field(default_factory=lambda: array("h"))
    valid: int = 0


@dataclass
class ReplayedUnit:
    """A unit's record, and what each policy would have made of it, in their order."""

    name: str
    heard: Heard
    did: list[Did]


def run(
    stored: Iterable[Stored], policies: list[Policy], message_s: Callable[[str], int]
) -> list[ReplayedUnit]:
    """By the units' names. message_s: how long a message sounds, in whole s."""
    heard: dict[str, Heard] = {}
    replays: dict[str, list[Replay]] = {}
    for name, second in stored:
        if name not in heard:
            heard[name] = Heard()
            replays[name] = [Replay(policy, message_s) for policy in policies]
        record = heard[name]
        good = is_valid(second)
        record.t.append(second.t)
        record.LAeq.append(second.LAeq if good else MISSING)
        record.valid += good
        for replay in replays[name]:
            replay.hear(second)
    return [
        ReplayedUnit(name, heard[name], [replay.did for replay in replays[name]])
        for name in sorted(heard)
    ]


def report(units: list[ReplayedUnit], names: list[str], policies: list[Policy]) -> dict[str, Any]:
    """As JSON has it. names: how the policies are called."""
    return {
        "days": round(_days(units), 3),
        "seconds": sum(len(unit.heard.t) for unit in units),
        "valid": sum(unit.heard.valid for unit in units),
        "policies": [
            {
                "policy": name,
                "name": policy.name,
                "hash": policy.hash,
                "whole": counts([unit.did[place] for unit in units]),
                "units": {unit.name: counts([unit.did[place]]) for unit in units},
            }
            for place, (name, policy) in enumerate(zip(names, policies, strict=True))
        ],
        "caveat": CAVEAT,
    }


def counts(did: list[Did]) -> dict[str, Any]:
    """Of one unit, or of several together; stages in s."""
    called = Counter(to for each in did for _, to in each.escalations)
    stages = sum((each.stages for each in did), Counter())
    return {
        "incidents": sum(len(each.incidents) for each in did),
        "spoken": sum(len(each.spoken) for each in did),
        "called": {to: called[to] for to in ADDRESSEES},
        "sudden": sum(len(each.sudden) for each in did),
        "stages": {stage: stages[stage] for stage in STAGES},
    }


def sentence(found: dict[str, Any]) -> str:
    """What a manager wants to know, of what `report` gives."""
    first, *others = found["policies"]
    units = len(first["units"])
    where = f" with {units} units" if units > 1 else ""
    would = f"With {first['policy']} you would have {_would(first['whole'])}"
    beside = [f"with {one['policy']}: {_would(one['whole'])}" for one in others]
    return "; ".join([f"{would} in {_span(found)}{where}", *beside]) + "."


def _would(whole: dict[str, Any]) -> str:
    police = whole["called"]["police"]
    return f"spoken {_times(whole['spoken'])} and called the police {_times(police)}"


def _times(count: int) -> str:
    words = {0: "not once", 1: "once", 2: "twice"}
    return words.get(count) or f"{count} times"


def _span(found: dict[str, Any]) -> str:
    days = found["days"]
    if days < 2:
        hours = f"{days * 24:.1f}".removesuffix(".0")
        return f"{hours} hour{'s' * (hours != '1')}"
    return f"{days:.1f}".removesuffix(".0") + " days"


def _days(units: list[ReplayedUnit]) -> float:
    first = min(unit.heard.t[0] for unit in units)
    last = max(unit.heard.t[-1] for unit in units)
    return (last + 1 - first) / 86400
