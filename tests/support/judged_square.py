"""A square that is judged second by second: lets the ladder hear it, and keeps what it did."""

from tamer.judge import ladder, policy, rules
from tamer.record.reading import GAP, OWN_VOICE, VALID, Second, missing

EVENING = 1795521600  # 2026-11-24 20:00 in China
MIDNIGHT = 1795536000  # four hours later

# All that the ladder may do.
EFFECTS = (
    ladder.Stage,
    ladder.SetSpotlight,
    ladder.Say,
    ladder.Sudden,
    ladder.WarningOutcome,
    ladder.Escalation,
    ladder.Relapse,
    ladder.Dealt,
)

SHIPPED = policy.read({})
LIMIT = 650

LOUD = LIMIT + SHIPPED.guard_band + 1
NOT_LOUD = LIMIT + SHIPPED.guard_band
NEAR = LIMIT - SHIPPED.near + 1
NOT_NEAR = LIMIT - SHIPPED.near
NOT_QUIET = LIMIT - SHIPPED.hysteresis
QUIET = LIMIT - SHIPPED.hysteresis - 1


def _after_quiet():
    state = ladder.START
    for t in range(EVENING, EVENING + 90):
        second = Second(t, 400, 420, 470, 550, VALID)
        state, _ = ladder.step(state, second, rules.ruling(SHIPPED, t), SHIPPED)
    return state


class Square:
    """One that has been quiet for long; `heard_before`: and whose box has heard that."""

    _quiet = _after_quiet()

    def __init__(self, table=None, t=EVENING, heard_before=True):
        self.policy = policy.read(table) if table else SHIPPED
        self.ruling = rules.ruling(self.policy, t)
        self.state = self._quiet if heard_before else ladder.START
        self.t = t
        self.effects = []

    def hears(self, *levels, why=VALID):
        """The stage after each second."""
        stages = []
        for level in levels:
            second = Second(self.t, level, level + 20, level + 70, level + 150, why)
            self.takes(second)
            stages.append(self.state.stage)
        return stages

    def takes(self, second):
        if not self.ruling.since <= second.t < self.ruling.until:
            self.ruling = rules.ruling(self.policy, second.t)
        self.state, effects = ladder.step(self.state, second, self.ruling, self.policy)
        self.effects += effects
        self.t = second.t + 1

    def speaks(self, seconds=5, level=950):
        return self.hears(*[level] * seconds, why=OWN_VOICE)

    def hears_nothing(self, seconds, why=GAP):
        for _ in range(seconds):
            self.takes(missing(self.t, why))

    def stays_loud(self, seconds, message=8):
        """As long as a square that does not listen, and a box that does what it decided."""
        end = self.t + seconds
        while self.t < end:
            done = len(self.effects)
            self.hears(LOUD)
            if any(isinstance(effect, ladder.Say) for effect in self.effects[done:]):
                self.speaks(min(message, end - self.t))

    def did(self, *kinds):
        """What it did of these kinds."""
        return [effect for effect in self.effects if isinstance(effect, kinds)]

    def said(self):
        return [effect.number for effect in self.did(ladder.Say)]


def warned(table=None, t=EVENING):
    """A square that has just been told for the first time."""
    square = Square(table, t)
    square.hears(*[LOUD] * 10)
    square.speaks()
    square.effects.clear()
    return square
