"""A day's levels as the points of an SVG, midnight to midnight. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH, HEIGHT = 720, 240
_MINUTES = 1440
_MARGIN = 50  # 0.1 dB
_STEP = 100


@dataclass(frozen=True)
class DayDrawing:
    """lines: points of each unbroken stretch of minutes; limit: points of its steps; spoken:
    x of the minutes in which the box spoke; grid: (y, dB) of the lines at whole 10 dB."""

    lines: tuple[str, ...]
    limit: tuple[str, ...]
    spoken: tuple[float, ...]
    grid: tuple[tuple[float, int], ...]


def draw(
    levels: Sequence[int | None], limits: Sequence[tuple[int, int]], spoken: Sequence[int] = ()
) -> DayDrawing | None:
    """levels: of each minute since midnight, 0.1 dB, None: nothing is known; limits: (minute,
    0.1 dB), the limit from then on, one before midnight as of minute 0; spoken: minutes. None:
    there is nothing to see.
    """
    known = [level for level in levels if level is not None]
    if not known:
        return None
    edges = [*known, *(limit for _, limit in limits)]
    low, high = min(edges) - _MARGIN, max(edges) + _MARGIN

    def point(minute: float, level: int) -> str:
        return f"{_x(minute)},{height(level)}"

    def height(level: int) -> float:
        return round(HEIGHT * (high - level) / (high - low), 1)

    lines: list[list[str]] = [[]]
    for minute, level in enumerate(levels):
        if level is None:
            lines.append([])
        else:
            lines[-1] += [point(minute, level), point(minute + 1, level)]
    steps = []
    for (begin, limit), (end, _) in pairwise([*limits, (_MINUTES, 0)]):
        if begin < end:
            steps.append(f"{point(begin, limit)} {point(end, limit)}")
    first = -(-low // _STEP) * _STEP
    return DayDrawing(
        tuple(" ".join(line) for line in lines if line),
        tuple(steps),
        tuple(_x(minute + 0.5) for minute in spoken),
        tuple((height(level), level // 10) for level in range(first, high + 1, _STEP)),
    )


def _x(minute: float) -> float:
    return round(WIDTH * minute / _MINUTES, 1)
