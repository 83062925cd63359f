"""Weeks of levels by the hour, with complaints and incidents, as the points of an SVG. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 840, 220
_MARGIN = 30  # 0.1 dB
_STEP = 100
_HOUR = 3600


@dataclass(frozen=True)
class WeeksDrawing:
    """lines: points of each unbroken stretch of hours; complaints: x of each; incidents: (x,
    width); days: x of the first day of each week; grid: (y, dB) at whole 10 dB."""

    lines: tuple[str, ...]
    complaints: tuple[float, ...]
    incidents: tuple[tuple[float, float], ...]
    days: tuple[float, ...]
    grid: tuple[tuple[float, int], ...]


def draw(
    hours: Sequence[tuple[int, int]],
    complaints: Sequence[int],
    incidents: Sequence[tuple[int, int]],
    begins: int,
    ends: int,
) -> WeeksDrawing:
    """hours: (begin, LAeq in 0.1 dB) of those that are known, in order; complaints: when;
    incidents: (begin, end); all Unix s."""

    def x(t: float) -> float:
        return round(WIDTH * (min(max(t, begins), ends) - begins) / (ends - begins), 1)

    levels = [level for _, level in hours] or [400, 700]
    low, high = min(levels) - _MARGIN, max(levels) + _MARGIN

    def y(level: int) -> float:
        return round(HEIGHT * (high - level) / (high - low), 1)

    lines: list[list[str]] = []
    before = None
    for t, level in hours:
        if before is None or t != before + _HOUR:
            lines.append([])
        lines[-1] += [f"{x(t)},{y(level)}", f"{x(t + _HOUR)},{y(level)}"]
        before = t
    week = 7 * 24 * _HOUR
    return WeeksDrawing(
        tuple(" ".join(line) for line in lines),
        tuple(x(at) for at in complaints),
        tuple((x(a), max(1.0, round(x(b) - x(a), 1))) for a, b in incidents),
        tuple(x(begins + n * week) for n in range(1, (ends - begins) // week)),
        tuple((y(one), one // 10) for one in range(-(-low // _STEP) * _STEP, high + 1, _STEP)),
    )
