"""A square whose incidents are dealt by lot: the box's own ladder, second by second, and a crowd.

The levels tier: Seconds are made and judged by `tamer.judge` as on the box; what it did is read by
the hub as events. Stretches in which nothing can happen are skipped.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

from noisetamer.hub.store.queries import PastEvent
from noisetamer.hub.trials.dealt import Dealt
from noisetamer.hub.trials.reading import dealt
from noisetamer.hub.wire import Record, read_record
from tamer.judge import ladder, policy, rules, windows
from tamer.record import encoding
from tamer.record.events import named
from tamer.record.reading import GAP, OWN_VOICE, VALID, Second, missing
from tamer.tell.reporter import KINDS

EVENING = 1795521600  # 2026-11-24 20:00 in China
MESSAGE = 6  # s
LOUD, QUIET = 700, 560  # 0.1 dB, around the limit of 65.0
NIGHTLY = 8  # incidents of an evening
_DAY = 86_400


@dataclass(frozen=True)
class Crowd:
    """obeys: {arm: share of incidents in which people turn down because they were warned}; each
    warning then moves them with `each`. moods: how much that differs from evening to evening
    (standard deviation of its logit). leaves: mean s after which they go home unasked; longest:
    after which they do in any case. relapses: share of the incidents they obeyed in that is
    followed by one within minutes. lost: chance a minute that the box goes deaf.
    """

    obeys: Mapping[str, float]
    each: float = 0.5
    moods: float = 0.5
    leaves: float = 600.0
    longest: float = 300.0
    relapses: float = 0.2
    lost: float = 0.02


def table(*arms: str, weights: tuple[int, ...] = ()) -> dict:
    """A policy whose trial has these arms, each with a sentence of its own."""
    parts = weights or (1,) * len(arms)
    return {
        "limit": {"day": 65, "night": 65},
        "trial": {
            "name": "spring",
            "arm": [
                {"name": name, "weight": weight, "firm": f"firm_{n}"}
                for n, (name, weight) in enumerate(zip(arms, parts, strict=True))
            ],
        },
    }


class TrialSquare:
    """One, with a box: `lives` through incidents, then `dealt` is what the hub makes of it."""

    def __init__(self, crowd: Crowd, by: dict, seed: int) -> None:
        self._crowd, self._chance = crowd, random.Random(seed)
        self._policy = policy.read(by)
        self._ruling = rules.ruling(self._policy, EVENING)
        self._state = ladder.START
        self._t = EVENING
        self._events: list[PastEvent] = []
        self._talks = 0

    def lives(self, incidents: int) -> None:
        for evening in range(math.ceil(incidents / NIGHTLY)):
            self._rest(EVENING + evening * _DAY - self._t)
            self._ruling = rules.ruling(self._policy, self._t)
            mood = self._chance.gauss(0, self._crowd.moods)
            for _ in range(min(NIGHTLY, incidents - evening * NIGHTLY)):
                self._incident(mood)

    def dealt(self) -> list[Dealt]:
        return dealt("SIM-0001", "plaza", self._events, self._t)

    def told(self, unit: str) -> list[Record]:
        """What it told, as a hub has it from that unit."""
        found = []
        for event in self._events:
            payload = encoding.of_event(event.kind, event.fields)
            record = encoding.record(encoding.EVENT, 1, event.seq + 1, event.t, payload)
            found.append(read_record(unit, (0, 1), record))
        return found

    def _incident(self, mood: float) -> None:
        crowd, chance = self._crowd, self._chance
        home = self._t + min(crowd.longest, chance.expovariate(1 / crowd.leaves))
        willing: bool | None = None
        turned_down = deaf = False
        begun = False
        while not (begun and self._state.stage not in ladder.TOO_LOUD):
            if begun and not deaf and chance.random() < crowd.lost / 60:
                deaf = True
            effects = self._hears(not turned_down and self._t < home, deaf)
            for effect in effects:
                if isinstance(effect, ladder.Dealt):
                    begun = True
                    share = crowd.obeys[effect.arm]
                    willing = share > 0 and chance.random() < _moved(share, mood)
                elif isinstance(effect, ladder.Say):
                    self._talks = MESSAGE
                    if willing and chance.random() < crowd.each:
                        turned_down = True
            if not begun and self._t > home:
                break
        again = turned_down and chance.random() < crowd.relapses
        self._rest(chance.randint(60, 900) if again else chance.randint(1900, 2100))

    def _hears(self, is_loud: bool, deaf: bool) -> tuple:
        level = (LOUD if is_loud else QUIET) + self._chance.randint(-12, 12)
        why = OWN_VOICE if self._talks else VALID
        second = Second(self._t, level, level + 20, level + 70, level + 150, why)
        if deaf:
            second = missing(self._t, GAP)
        self._talks = max(0, self._talks - 1)
        self._state, effects = ladder.step(self._state, second, self._ruling, self._policy)
        for effect in effects:
            if kind := KINDS.get(type(effect)):
                fields = named(kind, *effect)
                self._events.append(PastEvent(self._t, 1, len(self._events), kind, fields))
        self._t += 1
        return effects

    def _rest(self, seconds: int) -> None:
        """Quiet: nothing to judge, and the ladder as it is then."""
        self._t += max(0, seconds)
        self._talks = 0
        self._state = ladder.altered(
            self._state,
            stage=ladder.GREEN,
            seen=self._state.seen + max(0, seconds),
            lately=windows.ALL_WELL,
        )


def _moved(share: float, mood: float) -> float:
    return 1 / (1 + math.exp(-(math.log(share / (1 - share)) + mood)))
