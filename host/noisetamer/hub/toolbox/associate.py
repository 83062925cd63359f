"""Associate (关联): what happens together, more often than chance would have it.

Of each A it is asked whether a B is near it in time, in the same square. What chance would give
is what the same A would find at the same hour of the same weekday of other weeks: both may be
things of the evening, and that alone is no connection. Where a box must have heard either, only
times between the first and the last hour that it heard are looked at.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.toolbox.pick import Pick
from noisetamer.hub.toolbox.scope import Ask, Coverage, Scope, coverage
from noisetamer.hub.toolbox.things import BY_BOXES

WEEK = 7 * 86_400
WEEKS = 8
"""So many before and after are looked at."""
WHEN = ("after", "before", "around")
MOST = 500
_SURE = 1.96
_FEWEST_DAYS = 10

Times = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Associate:
    """Whether `other` happens within so many minutes of `one`. when: of WHEN: after it, before
    it, or either."""

    scope: Scope
    one: Pick
    other: Pick
    minutes: int = 60
    when: str = "after"


@dataclass(frozen=True)
class Associated:
    """together of n; chance: the share that other weeks have, None where nothing is known of any;
    share: together / n; lift: share over chance, with the interval of a ratio of sums of days
    (linearised, of its logarithm): many of one evening say no more than that evening; rows:
    (square, t of one, t of the other that is nearest), the newest first; by_weeks: [share so many
    weeks off], -WEEKS ... WEEKS, None where that is not known; left_out: A of before the first
    box, or after the last word of it."""

    n: int
    together: int
    share: float | None
    chance: float | None
    lift: Interval
    rows: list[tuple[str, int, int]]
    by_weeks: list[float | None]
    coverage: Coverage
    left_out: int = 0


def associate(ask: Ask, asked: Associate, most: int = MOST) -> Associated:
    """most: rows that are wanted."""
    ones = _by_square(ask, asked.one, asked.scope)
    # what is near the edge of the hours asked for counts as well
    others = _by_square(ask, asked.other, Scope(asked.scope.squares))
    heard = asked.one.thing in BY_BOXES or asked.other.thing in BY_BOXES
    spans = _spans(ask, asked.scope, heard)
    same = asked.one == asked.other
    reach = 60 * asked.minutes
    before = reach if asked.when in ("before", "around") else 0
    after = reach if asked.when in ("after", "around") else 0
    shifts = range(-WEEKS, WEEKS + 1)
    days: list[Times] = []
    hits: list[npt.NDArray[np.bool_]] = []
    expected: list[npt.NDArray[np.float64]] = []
    found = np.zeros(len(shifts), np.int64)
    looked = np.zeros(len(shifts), np.int64)
    met: list[tuple[str, _Near, Times]] = []
    left_out = 0
    for n, (square, (starts, _)) in enumerate(sorted(ones.items())):
        begins, ends = others.get(square, (np.empty(0, np.int64),) * 2)
        first, last = spans.get(square, (0, 0))
        every, starts = len(starts), starts[(starts >= first) & (starts <= last)]
        left_out += every - len(starts)
        near = _Near(begins, ends, before, after, same)
        here = near.to(starts)
        chances, weeks = np.zeros(len(starts)), np.zeros(len(starts))
        for at, week in enumerate(shifts):
            moved = starts + week * WEEK
            known = (moved >= first) & (moved <= last)
            hit = (near.to(moved) if week else here) & known
            found[at] += hit.sum()
            looked[at] += known.sum()
            if week:
                chances += hit
                weeks += known
        met.append((square, near, starts[here]))
        days.append(starts // 86_400 * len(ones) + n)
        hits.append(here)
        with np.errstate(invalid="ignore"):
            expected.append(np.where(weeks > 0, chances / weeks, np.nan))
    count = sum(map(len, hits))
    together = int(sum(one.sum() for one in hits))
    chance, lift = None, Interval(None, None, None, count)
    if count:
        chance, lift = _lift(np.concatenate(days), np.concatenate(hits), np.concatenate(expected))
    return Associated(
        *(count, together, together / count if count else None, chance, lift, _rows(met, most)),
        [float(hit / of) if of else None for hit, of in zip(found, looked, strict=True)],
        coverage(ask, asked.scope),
        left_out,
    )


class _Near:
    """The things of a square from begins to ends, and whether one is near a time."""

    def __init__(self, begins: Times, ends: Times, before: int, after: int, same: bool) -> None:
        self._begins = begins
        # of all that have begun by then, the last to end
        self._ends = np.maximum.accumulate(ends) if len(ends) else ends
        self._before, self._after, self._same = before, after, same

    def to(self, times: Times) -> npt.NDArray[np.bool_]:
        """Of each time. Things of the same kind are near each other's begin, never their own."""
        if not len(self._begins):
            return np.zeros(len(times), bool)
        if self._same:
            later = np.searchsorted(self._begins, times + self._after, "right")
            later = later > np.searchsorted(self._begins, times, "right")
            sooner = np.searchsorted(self._begins, times - self._before, "left")
            sooner = sooner < np.searchsorted(self._begins, times, "left")
            return later & (self._after > 0) | sooner & (self._before > 0)
        at = np.searchsorted(self._begins, times + self._after, "right") - 1
        return (at >= 0) & (self._ends[np.maximum(at, 0)] >= times - self._before)

    def pairs(self, times: Times) -> list[tuple[int, int]]:
        """(time, begin of the one nearest) of times that have one."""
        if not len(self._begins):
            return []
        found: list[tuple[int, int]] = []
        for t in times.tolist():
            low = int(np.searchsorted(self._begins, t - self._before, "left"))
            high = int(np.searchsorted(self._begins, t + self._after, "right"))
            near = [one for one in self._begins[low:high].tolist() if not self._same or one != t]
            if not near and low:
                # one that began before, and went on
                near = self._begins[low - 1 : low].tolist()
            if near:
                found.append((t, min(near, key=lambda one: abs(one - t))))
        return found


def _rows(met: list[tuple[str, _Near, Times]], most: int) -> list[tuple[str, int, int]]:
    """(square, t, t of the other), the newest first. met: times that have another near."""
    every = np.sort(np.concatenate([times for _, _, times in met])) if met else np.empty(0)
    if not len(every) or not most:
        return []
    oldest = every[-most:][0]
    rows = [
        (square, *pair)
        for square, near, times in met
        for pair in near.pairs(times[times >= oldest])
    ]
    return sorted(rows, key=lambda row: (-row[1], row[0]))[:most]


def _by_square(ask: Ask, pick: Pick, scope: Scope) -> dict[str, tuple[Times, Times]]:
    query, values = pick.times(scope)
    found: dict[str, tuple[list[int], list[int]]] = {}
    for square, t, until in ask(f"{query} ORDER BY 1, 2, 3", values):
        begins, ends = found.setdefault(square, ([], []))
        begins.append(t)
        ends.append(until)
    return {
        square: (np.array(begins, np.int64), np.array(ends, np.int64))
        for square, (begins, ends) in found.items()
    }


def _spans(ask: Ask, scope: Scope, heard: bool) -> dict[str, tuple[int, int]]:
    """From when to when a square is known. heard: by its boxes."""
    where, values = Scope(scope.squares).part()
    if heard:
        where += " AND h.valid>0"
    rows = ask(
        f"SELECT h.square, min(h.t), max(h.t) + 3600 FROM hours h WHERE {where} GROUP BY h.square",
        values,
    )
    return {square: (first, last) for square, first, last in rows}


def _lift(
    days: Times, hits: npt.NDArray[np.bool_], expected: npt.NDArray[np.float64]
) -> tuple[float | None, Interval]:
    """(chance, lift). days: number of the square's day in which each was."""
    known = ~np.isnan(expected)
    n = int(known.sum())
    if not n:
        return None, Interval(None, None, None, n)
    _, of = np.unique(days[known], return_inverse=True)
    count = int(of.max()) + 1
    seen = np.bincount(of, hits[known].astype(float), count).astype(float)
    by_chance = np.bincount(of, expected[known], count).astype(float)
    chance = float(by_chance.sum() / n)
    if by_chance.sum() == 0:
        return chance, Interval(None, None, None, n)
    value = float(seen.sum() / by_chance.sum())
    if count < _FEWEST_DAYS or value == 0:
        return chance, Interval(value, None, None, n)
    apart = seen - value * by_chance
    error = (count / (count - 1) * float(apart @ apart)) ** 0.5 / float(seen.sum())
    far = math.exp(_SURE * error)
    return chance, Interval(value, value / far, value * far, n)
