"""A week under a policy with every rule in it, and all that was decided. Runs in both Pythons.

The square answers the box, the clock jumps now and then, and the box is restarted.
"""

import hashlib
import json

from an_hour import Random

from tamer.judge import ladder, policy, rules
from tamer.judge.ladder import TOO_LOUD, Say
from tamer.record.reading import GAP, OVERLOAD, OWN_VOICE, POWER, VALID, WIND, Second, missing

MONDAY = 1795968000  # 2026-11-30 00:00 in China
DAY = 86400
WEEK = 7 * DAY
MESSAGE = 8  # s

TABLE = {
    "name": "every rule there is",
    # Half an hour back in the night to Sunday, as if there were summer time.
    "clock_changes": [["2026-12-05T18:00Z", "+07:30"]],
    "area": {"standard": "GB 3096-2008", "class": "2"},
    "hours": {"day_from": "06:30", "night_from": "22:00"},
    "limit": {"day": 65, "night": "class"},
    "venue": [
        {"name": "dance", "days": ["workday"], "from": "19:00", "to": "20:30", "limit": 68},
        {"name": "fair", "days": ["sat", "holiday"], "from": "09:00", "to": "21:00", "limit": 66},
        {"name": "late", "days": ["fri"], "from": "22:00", "to": "01:00", "limit": "class"},
    ],
    "allowed": [
        {"from": "07:00", "to": "21:30"},
        {"days": ["fri"], "from": "21:00", "to": "02:00"},
    ],
    "holidays": ["2026-12-03"],
    "workdays": ["2026-12-05"],
    "quiet": [
        {"name": "exam", "from": "2026-12-02", "to": "2026-12-02", "limit": 55},
        {"name": "mourning", "from": "2026-12-04", "to": "2026-12-04", "speak": True},
    ],
    "guard_band": 1.5,
    "near": 4,
    "hysteresis": 2.5,
    "trigger": {"over": 7, "of": 10},
    "amber": {"over": 4, "of": 8},
    "release": {"obeyed": 3, "calm": 6},
    "sudden": {"above": 10},
    "background": {"hours": [["06:30", "07:30"], ["12:00", "12:30"]]},
    "polite": {"after": 3, "times": 2},
    "firm": {"gap": 4},
    "trial": {
        "name": "which comes first",
        "arm": [{"name": "voice"}, {"name": "light", "weight": 2, "after": 12, "gap": 7}],
    },
    "hand_over": [
        {"to": "leader", "ineffective": 4},
        {"to": "property", "ineffective": 5, "wait": 30},
        {"to": "police", "ineffective": 5, "within": 900, "wait": 90},
    ],
    "speaking": {
        "longest_per_hour": 180,
        "longest_message": 10,
        "least_gap": 5,
        "pause": [["12:30", "14:00"], ["23:00", "06:00"]],
    },
    "volume": [{"from": "21:00", "to": "07:00", "volume": -10}],
    "spotlight": {"off": [["23:30", "05:30"]]},
    "panel": {"dim": 0.1, "text": "65 dB"},
}
# LAeq at each hour while nobody dances, 0.1 dB.
_NIGHT = [440, 420, 410, 410, 430, 480]
_DAY = [540, 570, 580, 570, 560, 560, 550, 540, 550, 560, 570, 580, 580, 570, 560, 540]
_USUAL = _NIGHT + _DAY + [500, 470]


class Square:
    """Somebody makes music two or three times a day, too loud, and listens or does not."""

    def __init__(self, seed):
        self._random = Random(seed)
        self._noise = [self._random.below(25) - 12 for _ in range(1024)]
        self._left = 0
        self._extra = 0
        self._speaks = 0
        self._turns_down_in = 0
        self._back_up_in = 0

    def second(self, t, i):
        """The Second at Unix time t, the i-th of the week."""
        if i % 300 == 0:
            self._plan(i // 3600 % 24)
        if self._speaks:
            self._speaks -= 1
            return Second(t, 900, 930, 950, 1030, OWN_VOICE)
        if self._turns_down_in:
            self._turns_down_in -= 1
            if not self._turns_down_in:
                self._extra //= 3
        level = _USUAL[i // 3600 % 24] + self._noise[i * 7 & 1023]
        if self._extra:
            level += self._extra
        elif i % 1013 == 0:
            return self._something(t, level)
        return Second(t, level, level + 30, level + 60, level + 130, VALID)

    def hears(self, message):
        """The box speaks; who has heard it may turn down."""
        self._speaks = MESSAGE
        if self._random.below(3) == 0:
            self._turns_down_in = 3 + self._random.below(6)

    def _plan(self, hour):
        """Every five minutes: who plays how loud."""
        if self._left:
            self._left -= 1
            if self._left and self._random.below(2):
                self._extra = 80 + self._random.below(90)
        elif self._random.below(60 if 7 <= hour < 23 else 120) < 2:
            self._left = 1 + self._random.below(8)
            self._extra = 60 + self._random.below(120)
        if not self._left:
            self._extra = 0

    def _something(self, t, level):
        """A bang, wind, samples lost."""
        kind = self._random.below(4)
        if kind == 0:
            return Second(t, level + 150, level + 280, level + 200, level + 350, VALID)
        if kind == 1:
            return missing(t, GAP)
        return Second(t, level, level, level + 250, level + 300, WIND if kind == 2 else OVERLOAD)


def decisions(seed, length=WEEK):
    """(i, state, effects) of each second that has an effect, and a state of every hour."""
    square = Square(seed)
    by = policy.read(TABLE)
    ruling = rules.ruling(by, MONDAY)
    state = ladder.START
    step, second_of = ladder.step, square.second
    jumped = 0
    for i in range(length):
        if i % 20011 == 0 and i:
            # The clock is set, forward or back.
            jumped = 0 if jumped else (-3700 if i % 2 else 5000)
            ruling = rules.ruling(by, MONDAY + i + jumped)
        t = MONDAY + i + jumped
        second = missing(t, POWER) if i % 7919 < 2 else second_of(t, i)
        if i % 7919 == 0:
            state = ladder.restored(json.loads(json.dumps(ladder.to_list(state))), i % 13)
        if not ruling.since <= t < ruling.until:
            ruling = rules.ruling(by, t)
        state, effects = step(state, second, ruling, by)
        if effects:
            for effect in effects:
                if isinstance(effect, Say):
                    square.hears(effect.message)
            yield i, state, effects
        elif i % 3600 == 0:
            yield i, state, effects


def digest(seed=1):
    """A fingerprint of all of it, and how much there was: decisions by kind, seconds too loud."""
    fingerprint = hashlib.sha256()
    counts = {}
    too_loud = since = 0
    for i, state, effects in decisions(seed):
        if state.stage in TOO_LOUD:
            since = since or i
        elif since:
            too_loud += i - since
            since = 0
        for effect in effects:
            name = type(effect).__name__
            counts[name] = counts.get(name, 0) + 1
        did = [tuple(effect) for effect in effects]
        fingerprint.update(f"{i} {ladder.to_list(state)} {did}\n".encode())
    told = " ".join(f"{name} {counts[name]}" for name in sorted(counts))
    return f"{told} too loud {too_loud} s " + "".join(f"{b:02x}" for b in fingerprint.digest())
