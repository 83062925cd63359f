"""Complaints beside what the boxes heard then: by hour of the week, and where they are deaf."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from noisetamer.hub.complaints.complaint import Complaint
from noisetamer.hub.complaints.heard import Heard
from noisetamer.hub.intervals.interval import Interval

ENOUGH = 0.5
"""Of the seconds around a complaint; where fewer count the box cannot speak of it."""
FEWEST = 5
"""Complaints of one side; of fewer no blind spot is named."""


@dataclass(frozen=True)
class Beside:
    """A complaint, and what the loudest box of its square heard then; None without a box."""

    complaint: Complaint
    heard: Heard | None
    incident: bool = False

    @property
    def level(self) -> int | None:
        """0.1 dB, where enough of it is known."""
        if self.heard is None or self.heard.coverage < ENOUGH:
            return None
        return self.heard.level


@dataclass(frozen=True)
class BlindSpot:
    """A side from which people complain while the boxes hear less than the limit. count: of the
    complaints with a level; below: how many of them were; share: that, with its interval; level:
    the middle one of those below, 0.1 dB; low, high: of the quarter and of three quarters;
    without: complaints of that side of whose moment too little is known."""

    side: str
    count: int
    below: int
    share: Interval
    level: int
    low: int
    high: int
    without: int


def loudest(heard: Iterable[Heard]) -> Heard | None:
    """Of the boxes of a square, the one that heard most; one with a level before one without."""
    return max(heard, key=lambda one: (one.level is not None, one.level or 0), default=None)


def blind_spots(beside: Sequence[Beside]) -> list[BlindSpot]:
    """Those that are sure: of at least FEWEST, more than half by the interval's lower end."""
    # only for whoever looks: statsmodels takes a second to load
    from noisetamer.hub.intervals.shares import share

    found = []
    for side in sorted({one.complaint.side for one in beside}):
        of_side = [one for one in beside if one.complaint.side == side]
        judged = [one for one in of_side if one.level is not None and _limit(one) is not None]
        below = sorted(one.level for one in judged if _is_below(one) and one.level is not None)
        if len(judged) < FEWEST or not below:
            continue
        told = share(len(below), len(judged))
        if told.low is not None and told.low > 0.5:
            found.append(
                BlindSpot(
                    side,
                    len(judged),
                    len(below),
                    told,
                    _part(below, 0.5),
                    _part(below, 0.25),
                    _part(below, 0.75),
                    len(of_side) - len(judged),
                )
            )
    return sorted(found, key=lambda spot: (-spot.below, spot.side))


def by_hour_of_week(complaints: Iterable[Complaint], utc_offset: float) -> list[list[int]]:
    """Counts, [weekday][hour], 0 is Monday. utc_offset: of the square's clock, h."""
    counts = Counter(
        (at.weekday(), at.hour)
        for one in complaints
        for at in [datetime.fromtimestamp(one.at + utc_offset * 3600, UTC)]
    )
    return [[counts[day, hour] for hour in range(24)] for day in range(7)]


def _limit(one: Beside) -> int | None:
    return one.heard.limit if one.heard else None


def _is_below(one: Beside) -> bool:
    return one.heard is not None and one.heard.over is False


def _part(levels: Sequence[int], part: float) -> int:
    return levels[round(part * (len(levels) - 1))]
