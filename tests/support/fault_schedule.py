"""What goes wrong in some days of some boxes and their hub, and when: the same for a seed.

Times are whole seconds from the start; everything is over at the end.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from flaky_proxy import Manner

from noisetamer.square.fault import FaultKind, ScenarioFault

Span = tuple[int, int]


class HubFault(Enum):
    """What happens to the hub, all boxes' at once."""

    HUB_KILLED = "hub killed"  # kill -9, its broker ends with it; it stays away
    HUB_STOPPED = "hub stopped"  # ends in order
    BROKER_KILLED = "broker killed"  # kill -9 of the broker alone; the hub starts it again


@dataclass(frozen=True)
class Happening:
    """at: when; until: when it is over, of what lasts."""

    at: int
    until: int
    what: HubFault | Manner
    box: int | None = None  # None: of the hub


@dataclass
class Schedule:
    """boxes: each box's own faults. happenings: of hub and proxies, by time."""

    seconds: int
    boxes: list[dict[FaultKind, list[Span]]] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)

    def faults(self, box: int) -> tuple[ScenarioFault, ...]:
        """As a scenario has them. A clock that stands at 2000 with each power-on is always one."""
        spans = {**self.boxes[box], FaultKind.CLOCK_2000: [(0, self.seconds)]}
        return tuple(ScenarioFault(kind, tuple(on)) for kind, on in spans.items() if on)

    def injected(self) -> dict[str, tuple[int, int]]:
        """{kind: (how often, s)} of all boxes together."""
        spans: dict[str, list[Span]] = {}
        for faults in self.boxes:
            for kind, on in faults.items():
                spans.setdefault(kind.value, []).extend(on)
        for one in self.happenings:
            spans.setdefault(one.what.value, []).append((one.at, one.until))
        return {
            kind: (len(on), sum(end - begin for begin, end in on))
            for kind, on in sorted(spans.items())
        }


# Mean s between two of them, and the least and most s that one lasts. Of each line only one holds
# at a time.
_OF_A_BOX: Sequence[tuple[int, dict[FaultKind, Span]]] = (
    (4 * 3600, {FaultKind.POWER: (2, 3600), FaultKind.HANG: (9, 20)}),
    (
        4 * 3600,
        {
            FaultKind.NO_ACCESS_POINT: (20, 2400),
            FaultKind.WRONG_KEY: (20, 900),
            FaultKind.NO_ADDRESS: (20, 900),
        },
    ),
    (6 * 3600, {FaultKind.DNS_SILENT: (60, 3600)}),
    (
        3 * 3600,
        {
            FaultKind.NTP_LOST: (600, 10_800),
            FaultKind.NTP_ZERO: (600, 3600),
            FaultKind.NTP_WRONG: (600, 3600),
        },
    ),
    (
        3 * 3600,
        {
            FaultKind.HUB_REFUSED: (20, 600),
            FaultKind.HUB_SILENT: (20, 600),
            FaultKind.TAKE_OVER: (20, 300),
        },
    ),
    (3 * 3600, {FaultKind.GAP: (1, 5)}),
    (8 * 3600, {FaultKind.FLASH_FULL: (60, 3600), FaultKind.BAD_BLOCK: (20, 900)}),
    (24 * 3600, {FaultKind.FAST_CRYSTAL: (600, 48 * 3600)}),
)

_AWAY = (600, 4 * 3600)  # s the hub is away
_THERE = (600, 4 * 3600)  # s it is there in between
# Once a week the hub is away for so long that a small journal has to give up even events. Haste
# has that more often, but no shorter, for no journal fills up faster; days that are too short do
# without.
_WEEK = 7 * 86_400
_LONG_AWAY = (7 * 3600, 12 * 3600)
_MANNER = (10, 120)  # s a proxy has bad manners, while the hub is there
_MANNERED = 1800  # mean s between two of them
_TRYING = 120  # s at the end of a cut in which the power comes and goes
_SHORT_POWER = (3, 20)  # s of power between two cuts that come together


def schedule(seed: int, seconds: int, boxes: int, haste: float = 1.0) -> Schedule:
    """`haste`: so many times more often, for a shorter time, than in `_OF_A_BOX`."""
    chance = random.Random(seed)
    made = Schedule(seconds)
    for _ in range(boxes):
        faults: dict[FaultKind, list[Span]] = {}
        for pause, kinds in _OF_A_BOX:
            _walk(chance, pause / haste, kinds, seconds, faults, haste)
        _more_power_cuts(chance, faults.get(FaultKind.POWER, []))
        made.boxes.append(faults)
    made.happenings = sorted(
        _of_hub_and_ways(chance, seconds, boxes, haste), key=lambda one: one.at
    )
    return made


def _walk(
    chance: random.Random,
    pause: float,
    kinds: dict[FaultKind, Span],
    seconds: int,
    faults: dict[FaultKind, list[Span]],
    haste: float,
) -> None:
    at = chance.expovariate(1 / pause)
    while at < seconds:
        kind = chance.choice([*kinds])
        least, most = kinds[kind]
        lasts = _between(chance, least, max(least + 1, most / haste if most > 60 else most))
        end = int(at) + lasts
        if end > seconds:
            break
        faults.setdefault(kind, []).append((int(at), end))
        at = end + 1 + chance.expovariate(1 / pause)


def _between(chance: random.Random, least: float, most: float) -> int:
    """As many short ones as long ones."""
    return round(least * (most / least) ** chance.random())


def _more_power_cuts(chance: random.Random, cuts: list[Span]) -> None:
    """Power that goes comes back more than once: half of the cuts end in pieces."""
    for begin, end in cuts.copy():
        if chance.random() < 0.5 or end - begin < 60:
            continue
        cuts.remove((begin, end))
        at = max(begin + 1, end - _TRYING)
        cuts.append((begin, at))
        at += _between(chance, *_SHORT_POWER)
        while at < end:
            off = min(end, at + _between(chance, 1, 30))
            cuts.append((at, off))
            at = off + _between(chance, *_SHORT_POWER)
    cuts.sort()


def _of_hub_and_ways(
    chance: random.Random, seconds: int, boxes: int, haste: float
) -> list[Happening]:
    found: list[Happening] = []
    long_after = _long_absences(chance, seconds, haste)
    at = 0
    while True:
        there = at + _between(chance, _THERE[0] / haste, _THERE[1] / haste)
        for box in range(boxes):
            found += _bad_manners(chance, box, at, min(there, seconds), _MANNERED / haste)
        while chance.random() < 0.4:
            when = chance.randrange(at, min(there, seconds))
            found.append(Happening(when, when, HubFault.BROKER_KILLED))
        if long_after and there >= long_after[0]:
            long_after.pop(0)
            away = there + _between(chance, *_LONG_AWAY)
        else:
            away = there + _between(chance, _AWAY[0] / haste, _AWAY[1] / haste)
        if away >= seconds:
            return found
        how = HubFault.HUB_STOPPED if chance.random() < 0.2 else HubFault.HUB_KILLED
        found.append(Happening(there, away, how))
        at = away


def _long_absences(chance: random.Random, seconds: int, haste: float) -> list[int]:
    """After when, each."""
    latest = 2 * _LONG_AWAY[1]
    week = max(latest, round(_WEEK / haste))
    weeks = [(begin, min(begin + week, seconds)) for begin in range(0, seconds, week)]
    return [
        chance.randrange(begin, end - latest + 1) for begin, end in weeks if end - begin >= latest
    ]


def _bad_manners(
    chance: random.Random, box: int, begin: int, end: int, pause: float
) -> list[Happening]:
    bad = [*Manner][1:]
    found = []
    # From the very beginning as often as not: that is when the backlog comes.
    at = begin if chance.random() < 0.5 else begin + round(chance.expovariate(1 / pause))
    while (until := at + _between(chance, *_MANNER)) < end:
        found.append(Happening(at, until, chance.choice(bad), box))
        at = until + 1 + round(chance.expovariate(1 / pause))
    return found
