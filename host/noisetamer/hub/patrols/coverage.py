"""Which points of a round were visited, late or missed. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from noisetamer.hub.patrols.check_in import CheckIn, Round
from noisetamer.unit.policy.days import Calendar, at_minute, is_on

GRACE = 1800
"""So long after a round's end a visit is late, s; then the point was missed."""


@dataclass(frozen=True)
class Held:
    """A round, and from when to when it held, Unix s; ended: None: it holds."""

    round: Round
    began: float
    ended: float | None


@dataclass(frozen=True)
class Walk:
    """A round on one day, from begin to end, Unix s. visits: {point: the first one on time, else
    the first late one}; points that are in none were missed, or are to come."""

    round: Round
    day: date
    begin: int
    end: int
    visits: dict[int, CheckIn] = field(default_factory=dict)

    def state(self, point: int, now: float) -> str:
        """ "visited", "late", "missed"; "open" before its grace is over."""
        visit = self.visits.get(point)
        if visit:
            return "visited" if visit.at < self.end else "late"
        return "missed" if now >= self.end + GRACE else "open"

    def missed(self, now: float) -> list[int]:
        """Points, in the round's order."""
        return [one for one in self.round.points if self.state(one, now) == "missed"]


def walks(
    held: Iterable[Held], calendar: Calendar, first: date, last: date, found: Sequence[CheckIn]
) -> list[Walk]:
    """All that were to be walked on these days, both included, in the order they begin.

    found: check-ins of the square from `first` to a day after `last`. Each counts for the walks
    that it is in time for; one that is in time for none, for the last one it is late for.
    """
    due = sorted(_due(held, calendar, first, last), key=lambda walk: (walk.begin, walk.round.id))
    for visit in sorted(found, key=lambda one: (one.at, one.id)):
        here = [walk for walk in due if visit.point in walk.round.points]
        # digits prove a minute, and a round that begins in it has begun
        in_time = [walk for walk in here if walk.begin - 59 <= visit.at < walk.end]
        late = [walk for walk in here if walk.end <= visit.at < walk.end + GRACE]
        for walk in in_time or [one for one in late if visit.point not in one.visits][-1:]:
            walk.visits.setdefault(visit.point, visit)
    return due


def _due(held: Iterable[Held], calendar: Calendar, first: date, last: date) -> Iterable[Walk]:
    every = [first + timedelta(n) for n in range((last - first).days + 1)]
    for one in held:
        round = one.round
        for day in every:
            if not is_on(calendar, day, round.days):
                continue
            begin = at_minute(calendar, day, round.since)
            over = round.until <= round.since
            end = at_minute(calendar, day + timedelta(over), round.until)
            if one.began <= begin and (one.ended is None or begin < one.ended):
                yield Walk(round, day, begin, end)


@dataclass(frozen=True)
class Sum:
    """Of one point, or of all: how often it was to be visited, and what came of it. weak: of the
    visits, those by a printed code."""

    due: int
    visited: int
    late: int
    missed: int
    weak: int

    @property
    def share(self) -> float | None:
        """Of visits that were due, late ones too, 0 to 1; None: none was due."""
        return (self.visited + self.late) / self.due if self.due else None


def summed(walked: Iterable[Walk], now: float) -> dict[int, Sum]:
    """{point: its sum} over what is over."""
    found: dict[int, list[tuple[str, bool]]] = {}
    for walk in walked:
        for point in walk.round.points:
            visit = walk.visits.get(point)
            state = walk.state(point, now)
            if state != "open":
                weak = visit is not None and visit.proof == "weak"
                found.setdefault(point, []).append((state, weak))
    return {
        point: Sum(
            len(all),
            *(
                sum(state == wanted for state, _ in all)
                for wanted in ("visited", "late", "missed")
            ),
            weak=sum(weak for _, weak in all),
        )
        for point, all in found.items()
    }


def total(sums: Iterable[Sum]) -> Sum:
    """Of all points together."""
    all = list(sums)
    return Sum(
        *(
            sum(getattr(one, name) for one in all)
            for name in ("due", "visited", "late", "missed", "weak")
        )
    )
