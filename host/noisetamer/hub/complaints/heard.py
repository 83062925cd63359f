"""What a box heard and did when somebody complained."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from noisetamer.hub.store.queries import Curve, PastEvent, Queries
from noisetamer.hub.store.series import Levels

AROUND = 60
"""s before a complaint, and after it, that count as its moment."""

_HOUR = 3600
_RUN = 600
"""s within which a warning belongs to what is complained of."""


@dataclass(frozen=True)
class Heard:
    """at: Unix s; level: LAeq of the valid seconds within AROUND of it, 0.1 dB, None without
    one; coverage: their share of the seconds that are over; reason: why most of the others do not
    count, "" where all do; limit: 0.1 dB, None where it is not known; stage: the box was in, ""
    not known; warned: s since its last warning, None where there was none in ten minutes.
    """

    unit: str
    at: int
    level: int | None
    coverage: float
    reason: str
    limit: int | None
    stage: str
    warned: int | None

    @property
    def over(self) -> bool | None:
        """Whether that was over the limit; None where either is not known."""
        if self.level is None or self.limit is None:
            return None
        return self.level > self.limit


def heard(
    queries: Queries,
    levels: Levels,
    units: Sequence[str],
    at: int,
    now: int | None = None,
    ruled: Callable[[int], int | None] = lambda _: None,
) -> Heard:
    """units: a box, then those it replaced; now: what is later is not over yet; ruled: the limit
    at a time by the policy it decides by, 0.1 dB, None where that is not known here: then what
    the box told within the hour before is taken."""
    until = at + AROUND if now is None else min(at + AROUND, now)
    curve = queries.hour_from(units[0], at - AROUND, units[1:], max(1, until - at + AROUND))
    told = [event for unit in units for event in queries.told(unit, at - _RUN, at + 1)]
    limit = ruled(at)
    if limit is None:
        limits = levels.limits(list(units), at - _HOUR, at + 1)
        limit = limits[-1][1] if limits else None
    return Heard(
        units[0],
        at,
        mean(level for level in curve.LAeq if level is not None),
        _coverage(curve, max(1, until - at + AROUND)),
        _reason(curve),
        limit,
        queries.stage_before(units[0], at + 1),
        _warned(told, at),
    )


def mean(levels: Iterable[int]) -> int | None:
    """By energy, 0.1 dB; None of none."""
    energies = [10 ** (level / 100) for level in levels]
    return round(100 * math.log10(sum(energies) / len(energies))) if energies else None


def _coverage(curve: Curve, seconds: int) -> float:
    return sum(level is not None for level in curve.LAeq) / seconds


def _reason(curve: Curve) -> str:
    if not curve.LAeq:
        return "not received"
    lasted: dict[str, int] = {}
    for begin, end, reason in curve.invalid:
        lasted[reason] = lasted.get(reason, 0) + end - begin
    return max(lasted, key=lambda reason: lasted[reason], default="")


def _warned(told: Iterable[PastEvent], at: int) -> int | None:
    times = [event.t for event in told if event.kind == "warning" and event.t <= at]
    return at - max(times) if times else None
