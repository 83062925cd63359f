"""What is drawn of a unit: its level as a line of so many points, limits, stages, gaps. Pure."""

from dataclasses import dataclass

import numpy as np

from noisetamer.hub.evidence.facts import Facts
from noisetamer.hub.evidence.records import Heard
from noisetamer.hub.words.i18n import Texts
from tamer.record.events import STAGES

# of seconds that are drawn one by one; of more, the lowest and highest of each so many
_POINTS = 900


@dataclass(frozen=True)
class Series:
    """Of one unit. levels: (t, dB) of the seconds that count, None where the line breaks; limits:
    (t, dB) from then on; stages: (t, stage); own_voice, unknown: (first, last + 1), Unix s."""

    name: str
    since: int
    until: int
    levels: list[tuple[float, float | None]]
    limits: list[tuple[int, float]]
    stages: list[tuple[int, str]]
    own_voice: list[tuple[int, int]]
    unknown: list[tuple[int, int]]


def thinned(since: int, levels: np.ndarray, valid: np.ndarray) -> list[tuple[float, float | None]]:
    """Points of a line through the seconds that count. levels: 0.1 dB.

    Of a long time the least and the greatest of every few seconds, so that no peak is lost.
    """
    often = max(1, -(-len(levels) // (_POINTS // 2)))
    points: list[tuple[float, float | None]] = []
    for begin in range(0, len(levels), often):
        there = np.flatnonzero(valid[begin : begin + often]) + begin
        if not there.size:
            if points and points[-1][1] is not None:
                points.append((float(since + begin), None))
            continue
        few = levels[there]
        ends = sorted({int(there[np.argmin(few)]), int(there[np.argmax(few)])})
        points += [(float(since + place), levels[place] / 10) for place in ends]
    return points


def series(heard: Heard, found: Facts, name: str) -> Series:
    """What is drawn of one unit."""
    return Series(
        name=name,
        since=heard.since,
        until=heard.until,
        levels=thinned(heard.since, heard.columns[0], heard.valid),
        limits=[(t, limit / 10) for t, limit in found.limits],
        stages=list(found.stages),
        own_voice=list(found.own_voice),
        unknown=[
            (first, last)
            for first, last, _ in heard.stretches()
            if (first, last) not in found.own_voice
        ],
    )


def words_of(texts: Texts) -> dict[str, str]:
    """What a curve says in one language."""
    own = {key: texts[f"evidence_{key}"] for key in ("limit", "own_voice", "unknown")}
    return own | {f"mark_{stage}": texts[f"mark_{stage}"] for stage in STAGES}
