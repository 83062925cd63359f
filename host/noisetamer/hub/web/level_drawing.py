"""A curve of levels as the points of an SVG, for pages without scripts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 340, 120
_MARGIN = 50  # 0.1 dB


@dataclass(frozen=True)
class Drawing:
    """lines: points of each unbroken stretch; limit: its height, None where it is not known;
    last: the newest level, dB; top, bottom: dB at the edges.
    """

    lines: tuple[str, ...]
    limit: float | None
    last: float
    top: int
    bottom: int


def draw(levels: Sequence[int | None], limit: int | None) -> Drawing | None:
    """levels: of each second, 0.1 dB, None: not valid; limit: 0.1 dB. None: nothing to see.

    Of so many seconds as are drawn in one point, the loudest counts: no peak is lost.
    """
    valid = [level for level in levels if level is not None]
    if not valid:
        return None
    every = max(1, -(-len(levels) // WIDTH))
    points = [
        max((one for one in levels[at : at + every] if one is not None), default=None)
        for at in range(0, len(levels), every)
    ]
    edges = [*valid, *([limit] if limit is not None else [])]
    low, high = min(edges) - _MARGIN, max(edges) + _MARGIN

    def height(level: int) -> float:
        return round(HEIGHT * (high - level) / (high - low), 1)

    lines: list[list[str]] = [[]]
    for n, level in enumerate(points):
        if level is None:
            lines.append([])
        else:
            x = round(WIDTH * n / max(1, len(points) - 1), 1)
            lines[-1].append(f"{x},{height(level)}")
    return Drawing(
        tuple(" ".join(line) for line in lines if line),
        None if limit is None else height(limit),
        valid[-1] / 10,
        round(high / 10),
        round(low / 10),
    )
