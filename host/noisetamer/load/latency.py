"""How long things took, counted in steps of a twelfth: a histogram that can be added to. Pure."""

import math
from collections import Counter

_STEPS = 20  # a decade
LEAST = 0.001  # s


class Latencies:
    """Of any number of waits, each known to within 12 %."""

    def __init__(self, counts: dict[int, int] | None = None) -> None:
        self.counts = Counter(counts or {})

    def add(self, seconds: float) -> None:
        self.counts[math.ceil(_STEPS * math.log10(max(seconds, LEAST) / LEAST))] += 1

    def join(self, other: "Latencies") -> None:
        self.counts.update(other.counts)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def above(self, seconds: float) -> int:
        """How many took longer, by more than a step."""
        step = math.ceil(_STEPS * math.log10(seconds / LEAST))
        return sum(n for at, n in self.counts.items() if at > step)

    def quantile(self, share: float) -> float | None:
        """s, at most a step too long; None of none."""
        left = share * self.total
        for at in sorted(self.counts):
            left -= self.counts[at]
            if left <= 0:
                return LEAST * 10 ** (at / _STEPS)
        return None
