"""Levels that are not of one second: how long they were over the limit, and nothing else. Pure.

No box decides by a minute or an hour, so nothing is said of stages, words and calls.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.language import say
from tamer.judge.policy import Policy
from tamer.judge.rules import ruling


@dataclass(frozen=True)
class Intervals:
    """float64[n] of t, Unix s of the beginnings, and level, dB; length: s each has."""

    name: str
    quantity: str
    length: float
    t: NDArray[np.float64]
    level: NDArray[np.float64]


def over(intervals: Intervals, policy: Policy) -> dict[str, Any]:
    """Hours over the limit, those known, and those in which the limit changed: an average over
    both sides of a change says nothing of either.
    """
    length = intervals.length
    loud = known = changing = 0
    for t, level in zip(intervals.t.tolist(), intervals.level.tolist(), strict=True):
        limits = _limits(policy, int(t), t + length)
        if len(limits) > 1:
            changing += 1
            continue
        known += 1
        loud += round(10 * level) > limits.pop()
    hour = length / 3600
    return {
        "over_hours": round(loud * hour, 3),
        "known_hours": round(known * hour, 3),
        "limit_changes_hours": round(changing * hour, 3),
    }


def _limits(policy: Policy, since: int, until: float) -> set[int]:
    """All that hold within; 0.1 dB."""
    found: set[int] = set()
    while len(found) < 2:
        now = ruling(policy, since)
        found.add(now.limit)
        if now.until is None or now.until >= until:
            break
        since = now.until
    return found


def report(intervals: list[Intervals], names: list[str], policies: list[Policy]) -> dict[str, Any]:
    """As JSON has it; of a policy that judges another quantity `cannot` says so."""
    found = []
    for name, policy in zip(names, policies, strict=True):
        one: dict[str, Any] = {"policy": name, "name": policy.name, "hash": policy.hash}
        wanted = policy.trigger.quantity
        of = [each for each in intervals if each.quantity == wanted]
        if of:
            one["units"] = {each.name: over(each, policy) for each in of}
        else:
            one["cannot"] = f"it judges {wanted}, of which these data tell nothing"
        found.append(one)
    return {"interval": max(each.length for each in intervals), "policies": found}


def sentence(found: dict[str, Any]) -> str:
    """Of what `report` gives, in the reader's language."""
    said = [
        say(
            "The data hold a level every {length}, and a box decides by seconds: only hours over "
            "the limit can be told",
            length=_length(found["interval"]),
        )
    ]
    for one in found["policies"]:
        name = one["policy"]
        if "cannot" in one:
            said.append(say("{name} cannot be judged: {why}", name=name, why=one["cannot"]))
        for unit, of in one.get("units", {}).items():
            if not of["known_hours"]:
                said.append(
                    say("{name} cannot be judged: its limit changes within each", name=name)
                )
                continue
            hours = {"n": f"{of['over_hours']:.1f}", "of": f"{of['known_hours']:.1f}"}
            text = say("{n} of {of} hours", **hours)
            if changing := of["limit_changes_hours"]:
                more = "{hours} ({n} more in which the limit changes)"
                text = say(more, hours=text, n=f"{changing:.1f}")
            over = {"name": name, "serial": unit, "hours": text}
            said.append(say("with {name} {serial} was over the limit for {hours}", **over))
    return say("; ").join(said) + say(".")


def _length(seconds: float) -> str:
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = f"{seconds / size:g}"
            return say(name) if count == "1" else say(f"{{n}} {name}s", n=count)
    return f"{seconds:g} s"
