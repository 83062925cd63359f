"""Policies side by side over stored seconds: what each would have done."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from noisetamer.hub.backtest.replay import Did, Replay
from noisetamer.hub.backtest.stored import Stored
from noisetamer.hub.backtest.told import Told
from tamer.judge.policy import Policy
from tamer.record.reading import MISSING, Second, is_judged, is_valid, reason


@dataclass
class Heard:
    """One unit's record. Curves have a value a second: t in Unix s, level in 0.1 dB or MISSING.

    level: LAeq; of a record without it, what the first policy judges. judged: seconds that a
    policy can judge, valid or of an unknown time only; invalid: how many there are of each reason;
    having: those judged that have a level of this name.
    """

    t: array = field(default_factory=lambda: array("q"))
    level: array = field(default_factory=lambda: array("h"))
    valid: int = 0
    judged: int = 0
    invalid: Counter[int] = field(default_factory=Counter)
    having: Counter[str] = field(default_factory=Counter)

    def add(self, second: Second, otherwise: str) -> None:
        """otherwise: the quantity of the curve where there is no LAeq."""
        judged = is_judged(second)
        level = getattr(second, otherwise) if second.LAeq == MISSING else second.LAeq
        self.t.append(second.t)
        self.level.append(level if judged else MISSING)
        self.judged += judged
        if is_valid(second):
            self.valid += 1
        else:
            self.invalid[reason(second)] += 1
        if judged:
            for name in ("LAeq", "LAFmax", "LCeq"):
                self.having[name] += getattr(second, name) != MISSING

    @property
    def interval(self) -> int:
        """The time between most of its levels, s: 1, or these are no seconds."""
        steps = np.diff(np.asarray(self.t, np.int64))
        return int(np.median(steps)) if steps.size else 1


@dataclass
class ReplayedUnit:
    """A unit's record, what each policy would have made of it, in their order, and what the box
    itself did, where it told.
    """

    name: str
    heard: Heard
    did: list[Did]
    told: Told | None = None


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
        heard[name].add(second, policies[0].trigger.quantity)
        for replay in replays[name]:
            replay.hear(second)
    return [
        ReplayedUnit(name, heard[name], [replay.did for replay in replays[name]])
        for name in sorted(heard)
    ]
