"""Estimates with their intervals on one axis, a row each, as parts of SVGs (forest plot). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from noisetamer.hub.intervals.interval import Interval

WIDTH, HEIGHT = 300, 16
MARKS = (0, 25, 50, 75, 100)  # %
_MARK = 4


@dataclass(frozen=True)
class Bar:
    """One row. left, right: ends of the line; x: middle of the mark; size: of its square, the
    larger the more is known; None: nothing can be said.
    """

    left: float | None
    right: float | None
    x: float | None
    size: float


def forest(shares: Sequence[Interval]) -> list[Bar]:
    """Of shares, 0 to 1."""
    most = max((one.n for one in shares), default=0)
    bars = []
    for one in shares:
        left, x, right = (
            None if at is None else round(WIDTH * at, 1) for at in (one.low, one.value, one.high)
        )
        bars.append(Bar(left, right, x, round(_MARK * (1 + (one.n / most if most else 0)), 1)))
    return bars
