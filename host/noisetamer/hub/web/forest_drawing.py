"""Estimates with their intervals on one axis, a row each, as parts of SVGs (forest plot). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from noisetamer.hub.intervals.interval import Interval

WIDTH, HEIGHT = 300, 16
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


def forest(estimates: Sequence[Interval], end: float) -> list[Bar]:
    """end: of the axis, which begins at 0."""
    most = max((one.n for one in estimates), default=0)
    bars = []
    for one in estimates:
        left, x, right = (
            None if at is None else round(WIDTH * min(1.0, max(0.0, at / end)), 1)
            for at in (one.low, one.value, one.high)
        )
        bars.append(Bar(left, right, x, round(_MARK * (1 + (one.n / most if most else 0)), 1)))
    return bars
