"""A policy's week as rows of a drawing: the limit in figures and colour, voice and lamp. Pure."""

from dataclasses import dataclass
from itertools import pairwise

from noisetamer.hub.words.i18n import Texts
from noisetamer.unit.policy import times
from noisetamer.unit.policy.show import rulings
from tamer.judge.policy import Policy

MINUTES = 1440

# So wide, in minutes, that figures have room.
_WIDE = 75

# Limits of the steps of colour, 0.1 dB: the quietest first.
_STEPS = (450, 500, 550, 600, 650, 700)


@dataclass(frozen=True)
class Stretch:
    """begin, wide: minutes of the day; step: of the colour, 0 quietest; limit: as figures, ""
    where there is no room; why: in a sentence."""

    begin: int
    wide: int
    step: int
    limit: str
    speaks: bool
    lamp: bool
    why: str


@dataclass(frozen=True)
class Day:
    weekday: str
    date: str
    stretches: list[Stretch]


def week(policy: Policy, today: int, texts: Texts) -> list[Day]:
    """Seven days from that of `today`, Unix s."""
    found = []
    for begin, end in pairwise(times.days(policy.clock, today, 7)):
        at = times.local(policy.clock, begin)
        stretches: list[Stretch] = []
        for now in rulings(policy, begin, end):
            local = times.local(policy.clock, now.since)
            start = 60 * local.hour + local.minute
            last = times.local(policy.clock, now.until - 1)
            wide = 60 * last.hour + last.minute + 1 - start
            step = sum(now.limit >= limit for limit in _STEPS)
            before = stretches[-1] if stretches else None
            one = Stretch(start, wide, step, f"{now.limit / 10:g}", now.speak, now.lamp, now.why)
            if before and _look(before) == _look(one):
                stretches[-1] = _joined(before, one)
            else:
                stretches.append(one)
        name = texts[f"policy_weekday_{at.weekday()}"]
        found.append(Day(name, f"{at:%m-%d}", [_fitted(one) for one in stretches]))
    return found


def _look(one: Stretch) -> tuple[object, ...]:
    return one.limit, one.speaks, one.lamp, one.why


def _joined(one: Stretch, other: Stretch) -> Stretch:
    return Stretch(one.begin, one.wide + other.wide, *tuple(vars(one).values())[2:])


def _fitted(one: Stretch) -> Stretch:
    if one.wide >= _WIDE:
        return one
    return Stretch(one.begin, one.wide, one.step, "", one.speaks, one.lamp, one.why)
