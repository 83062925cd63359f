"""An hour of random seconds, and what the ladder makes of it. Runs in both Pythons."""

import hashlib

from tamer.judge import ladder, policy, rules
from tamer.record.reading import OWN_VOICE, REASONS, VALID, Second, missing

EVENING = 1795527000  # 2026-11-24 21:30 in China: the night's limit comes half way
HOUR = 3600
SHIPPED = policy.read({})
_OTHER_REASONS = [n for n in range(len(REASONS)) if n not in (VALID, OWN_VOICE)]


class Random:
    """Numerical Recipes' quick generator: the same numbers in every Python."""

    def __init__(self, seed):
        self._state = seed

    def below(self, n):
        self._state = (self._state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self._state >> 16) % n


def seconds(seed, t=EVENING, length=HOUR):
    """Moods of the square that last a while; now and then the box speaks or hears nothing."""
    random = Random(seed)
    middle, spread, nothing, left = 600, 10, 0, 0
    for i in range(length):
        if left == 0:
            left = 1 + random.below(40)
            middle, spread = 530 + random.below(180), 1 + random.below(60)
            nothing = random.below(8)
        left -= 1
        level = middle - spread + random.below(2 * spread + 1)
        if nothing == 0:
            yield missing(t + i, _OTHER_REASONS[random.below(len(_OTHER_REASONS))])
        else:
            why = OWN_VOICE if nothing == 1 or random.below(30) == 0 else VALID
            yield Second(t + i, level, level + 20, level + 70, level + 150, why)


def ruling_at(t, by=SHIPPED):
    """As rules.ruling gives it, asked only when it may have changed."""
    found, _ = _rulings.get(by.hash, (None, by))
    if not found or not found.since <= t < found.until:
        found = rules.ruling(by, t)
        _rulings[by.hash] = (found, by)
    return found


_rulings = {}


def steps(heard, by=SHIPPED, state=ladder.START):
    """(state before, second, state after, effects) of each second."""
    for second in heard:
        after, effects = ladder.step(state, second, ruling_at(second.t, by), by)
        yield state, second, after, effects
        state = after


def digest(seeds=range(3)):
    """A fingerprint of every state and effect."""
    fingerprint = hashlib.sha256()
    for seed in seeds:
        for _, _, state, effects in steps(seconds(seed)):
            did = [tuple(effect) for effect in effects]
            fingerprint.update(f"{tuple(state)} {did}\n".encode())
    return "".join(f"{byte:02x}" for byte in fingerprint.digest())
