"""One unit's stored seconds through rules and ladder, the very ones of the box.

The world does not answer a replay: nobody turns down because of a word that was never said. But
while the box would have spoken it would have judged nothing, so those seconds are marked as its
own voice; where the record has its voice at that very time, it is as long as it was. So the
policy that the box had then decides in a replay what it did.
"""

from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tamer.judge import ladder
from tamer.judge.ladder import GREEN, STAGES, TOO_LOUD
from tamer.judge.policy import Policy
from tamer.judge.rules import Ruling, ruling
from tamer.judge.strictest import strictest
from tamer.record.reading import (
    CLOCK,
    GAP,
    MISSING,
    OWN_VOICE,
    Second,
    is_judged,
    missing,
    reason,
)

# Shorter holes in the record are heard as gaps, longer ones are a box that was off.
_SHORT = 30


@dataclass
class Done:
    """What was done, or would have been. Times are Unix s.

    incidents: when each began; ends: when each was over, the last may lack. spoken: with its
    message; escalations: with who is called; dealt: with the arm of the policy's trial.
    """

    incidents: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    spoken: list[int] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    escalations: list[tuple[int, str]] = field(default_factory=list)
    sudden: list[int] = field(default_factory=list)
    dealt: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Did(Done):
    """What a policy would have done; curves have a value for each second of the record.

    stages: s; of green those only that were heard, and no stage is counted over a hole.
    judged: seconds that count for its stages; nights, nights_judged: those in which a sudden noise
    is to be judged, and those of them that have an LAFmax.
    """

    stages: Counter[str] = field(default_factory=Counter)
    stage: array = field(default_factory=lambda: array("b"))  # places in STAGES
    limit: array = field(default_factory=lambda: array("h"))  # 0.1 dB
    why: dict[int, str] = field(default_factory=dict)  # of each limit
    judged: int = 0
    nights: int = 0
    nights_judged: int = 0


class Replay:
    """Rules and ladder of one unit under one policy; `did` is what came of it so far."""

    def __init__(self, policy: Policy, message_s: Callable[[str], int]) -> None:
        """message_s: how long a message sounds, with its echo, in whole s."""
        self.did = Did()
        self._policy = policy
        self._message_s = message_s
        self._state = ladder.START
        self._ruling: Ruling | None = None
        self._strictest = strictest(policy)
        self._speaking = 0  # s still to come
        self._spoke_then = False
        self._t: int | None = None

    def hear(self, second: Second) -> None:
        """The next second of the unit."""
        if self._t is not None and second.t > self._t + 1:
            self._bridge(self._t + 1, second.t)
        self._t = second.t
        # A box without the time judged so, whenever it is dated.
        undated = reason(second) == CLOCK and is_judged(second)
        now = self._strictest if undated else self._now(second.t)
        did = self.did
        if is_judged(second) and now.sudden is not None:
            did.nights += 1
            did.nights_judged += second.LAFmax != MISSING
        if getattr(second, self._policy.trigger.quantity) == MISSING and is_judged(second):
            # What is not there is not quiet.
            second = missing(second.t, GAP)
        judged = is_judged(second)
        did.judged += judged
        did.why.setdefault(now.limit, now.why)
        self._step(self._as_heard(second), now)
        if judged or self._state.stage != GREEN:
            did.stages[self._state.stage] += 1
        did.stage.append(STAGES.index(self._state.stage))
        did.limit.append(now.limit)

    def _as_heard(self, second: Second) -> Second:
        """The second with the voice that would have been in it."""
        if not self._speaking:
            return second
        self._speaking -= 1
        if reason(second) == OWN_VOICE:
            self._spoke_then = True
        elif self._spoke_then:
            self._speaking = 0
        elif is_judged(second):
            return second._replace(flags=second.flags & ~0x0F | OWN_VOICE)
        return second

    def _bridge(self, since: int, until: int) -> None:
        """Over a hole in the record."""
        self._speaking = max(0, self._speaking - (until - since))
        if until - since > _SHORT:
            before = self._state.stage
            self._state = ladder.restored(ladder.to_list(self._state), until - since)
            if before in TOO_LOUD and self._state.stage not in TOO_LOUD:
                self.did.ends.append(since)
            return
        for t in range(since, until):
            self._step(missing(t, GAP), self._now(t))

    def _now(self, t: int) -> Ruling:
        held = self._ruling
        if held is None or not held.since <= t < held.until:
            held = self._ruling = ruling(self._policy, t)
        return held

    def _step(self, second: Second, now: Ruling) -> None:
        self._state, effects = ladder.step(self._state, second, now, self._policy)
        did, t = self.did, second.t + 1
        for effect in effects:
            match effect:
                case ladder.Stage():
                    if effect.after in TOO_LOUD and effect.before not in TOO_LOUD:
                        did.incidents.append(t)
                    elif effect.before in TOO_LOUD and effect.after not in TOO_LOUD:
                        did.ends.append(t)
                case ladder.Say():
                    did.spoken.append(t)
                    did.messages.append(effect.message)
                    self._speaking = self._message_s(effect.message)
                    self._spoke_then = False
                case ladder.Escalation():
                    did.escalations.append((t, effect.to))
                case ladder.Sudden():
                    did.sudden.append(t)
                case ladder.Dealt():
                    did.dealt.append((t, effect.arm))
