"""What a trial has shown: each arm by itself, each warning, and whether two arms differ. Pure.

**The measure that decides** is the noise of the first DECISIVE seconds of an incident: how many of
them passed until it was quiet again, all of them where it was not (restricted mean time), whatever
the box did (intention to treat). A share that was quiet in time would say little where nearly all
are, sooner or later. All other figures describe.

**When it decides.** Whoever looks every day finds a difference sooner or later, where there is
none. So two arms are compared at the LOOKS alone, which were chosen before anything was known:
when PER_ARM incidents an arm have begun, by exactly those, and again when twice and four times as
many have. Each look may be wrong with its own share of 5 %, divided by the pairs of arms; the sum
of all of them is 5 % (Bonferroni), so a warning without effect is found to have one in at most 5 %
of squares, however often somebody looks at the page. What a look has found stands.

Incidents dealt with unequal probabilities are weighted by their inverse.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from noisetamer.hub.intervals import means, shares, times
from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.trials.dealt import Dealt, Outcome
from tamer.judge.warning_outcomes import RELAPSE

WITHIN = (60, 120, 300)  # s
DECISIVE = 120  # s

PER_ARM = 60
# (incidents an arm, share of false findings it may cost): together 5 %
LOOKS = ((PER_ARM, 0.03), (2 * PER_ARM, 0.01), (4 * PER_ARM, 0.01))


@dataclass(frozen=True)
class Arm:
    """What is known of one, each with 95 %. noise: mean s of the first DECISIVE; quiet: {s: share
    that was quiet so soon}; took: median of the time to that, s; alone: share that was quiet with
    nobody called; relapsed: share of the releases; lasting: share that was quiet within DECISIVE
    and had no relapse.
    """

    name: str
    incidents: int
    noise: Interval
    quiet: dict[int, Interval]
    took: Interval
    alone: Interval
    relapsed: Interval
    lasting: Interval


@dataclass(frozen=True)
class Warned:
    """Warnings of one kind within an arm, in the order in which they mostly come. stage, message:
    as of an Outcome; obeyed: share, as sure as days differ; took: median s of those, None without
    any. Not to be compared among each other: a later one meets only those whom the earlier ones
    did not move.
    """

    arm: str
    stage: str
    message: str
    obeyed: Interval
    took: float | None


@dataclass(frozen=True)
class Comparison:
    """difference: of the noise, one less other, s, as surely as the look demands."""

    one: str
    other: str
    difference: Interval

    @property
    def found(self) -> bool:
        """Whether it is more than chance."""
        return self.difference.excludes(0)


@dataclass(frozen=True)
class Trial:
    """first, last: begin of its first and its last incident, Unix s; next_look: how many it takes
    until arms are compared (again), None after the last look; compared: at the look that found
    something, else at the last one there was; empty before the first.
    """

    name: str
    incidents: int
    first: int
    last: int
    arms: tuple[Arm, ...]
    warned: tuple[Warned, ...]
    next_look: int | None
    looked_at: int
    compared: tuple[Comparison, ...]

    @property
    def found(self) -> tuple[Comparison, ...]:
        """Pairs of arms that differ."""
        return tuple(each for each in self.compared if each.found)


def trials(dealt: Iterable[Dealt]) -> list[Trial]:
    """Each that any of them belongs to, the newest first."""
    by_name: dict[str, list[Dealt]] = defaultdict(list)
    for one in dealt:
        by_name[one.trial].append(one)
    return sorted((trial(of) for of in by_name.values()), key=lambda one: -one.last)


def trial(dealt: Sequence[Dealt]) -> Trial:
    """Of all incidents of one trial: at least one."""
    incidents = sorted(dealt, key=lambda one: (one.start, one.unit))
    names = sorted({one.arm for one in incidents})
    # one that comes later is not compared
    first = sorted({one.arm for one in incidents[:PER_ARM]})
    looked_at, compared = 0, ()
    next_look = None
    for per_arm, wrong in LOOKS if len(first) > 1 else ():
        if len(incidents) < per_arm * len(first):
            next_look = per_arm * len(first)
            break
        looked_at = per_arm * len(first)
        compared = compare(incidents[:looked_at], first, wrong)
        if any(each.found for each in compared):
            break
    return Trial(
        incidents[0].trial,
        len(incidents),
        incidents[0].start,
        incidents[-1].start,
        tuple(arm(name, [one for one in incidents if one.arm == name]) for name in names),
        tuple(_warned(incidents)),
        next_look,
        looked_at,
        compared,
    )


def compare(
    incidents: Sequence[Dealt], names: Sequence[str], wrong: float = 0.05
) -> tuple[Comparison, ...]:
    """Every two arms; in `wrong` of cases any one is found though there is none."""
    pairs = list(combinations(names, 2))
    sure = 1 - wrong / max(1, len(pairs))
    noise = {name: noise_of([one for one in incidents if one.arm == name], sure) for name in names}
    return tuple(
        Comparison(one, other, shares.difference(noise[one], noise[other])) for one, other in pairs
    )


def arm(name: str, incidents: Sequence[Dealt]) -> Arm:
    """incidents: of that arm."""
    ended = [one for one in incidents if one.people or one.complied is not None]
    released = [one for one in incidents if one.complied is not None]
    return Arm(
        name,
        len(incidents),
        noise_of(incidents),
        {limit: quiet_within(incidents, limit) for limit in WITHIN},
        times.median(*_times(incidents)),
        _share(ended, [not one.people for one in ended]),
        times.within(
            [one.followed if one.relapse is None else one.relapse for one in released],
            [one.relapse is not None for one in released],
            RELAPSE,
        ),
        _lasting(incidents),
    )


def noise_of(incidents: Sequence[Dealt], sure: float = shares.SURE) -> Interval:
    """Mean s of the first DECISIVE until it was quiet; without those nobody heard to the end."""
    known = [one for one in incidents if one.complied is not None or one.watched >= DECISIVE]
    took = [DECISIVE if one.complied is None else min(one.complied, DECISIVE) for one in known]
    return means.mean(took, [1 / one.probability for one in known], sure)


def quiet_within(incidents: Sequence[Dealt], limit: float, sure: float = shares.SURE) -> Interval:
    """Share that was quiet again so many seconds after its begin."""
    if len({one.probability for one in incidents}) < 2:
        return times.within(*_times(incidents), limit, sure)
    known = [one for one in incidents if one.complied is not None or one.watched >= limit]
    return _share(known, [_is_quiet(one, limit) for one in known], sure)


def _lasting(incidents: Sequence[Dealt]) -> Interval:
    known = [
        one
        for one in incidents
        if (one.watched >= DECISIVE and not _is_quiet(one, DECISIVE))
        or one.relapse is not None
        or (one.complied is not None and one.followed >= RELAPSE)
    ]
    lasting = [one.relapse is None and _is_quiet(one, DECISIVE) for one in known]
    return _share(known, lasting)


def _is_quiet(one: Dealt, limit: float) -> bool:
    return one.complied is not None and one.complied <= limit


def _times(incidents: Sequence[Dealt]) -> tuple[list[float], list[bool]]:
    took = [one.watched if one.complied is None else one.complied for one in incidents]
    return took, [one.complied is not None for one in incidents]


def _share(of: Sequence[Dealt], found: Sequence[bool], sure: float = shares.SURE) -> Interval:
    weights = [1 / one.probability for one in of]
    return shares.weighted_share([float(one) for one in found], weights, sure)


def _warned(incidents: Sequence[Dealt]) -> Iterable[Warned]:
    kinds: dict[tuple[str, str, str], list[tuple[tuple[str, int], Outcome]]] = defaultdict(list)
    for one in incidents:
        for told in one.outcomes:
            kind = one.arm, told.stage, told.message
            kinds[kind].append(((one.unit, one.start // 86_400), told))
    in_order = sorted(kinds, key=lambda kind: (kind[0], median(t.number for _, t in kinds[kind])))
    for kind in in_order:
        given = Counter(day for day, _ in kinds[kind])
        obeyed = Counter(day for day, told in kinds[kind] if told.effective)
        share = shares.share_of_days([(obeyed[day], of) for day, of in given.items()])
        took = [told.after for _, told in kinds[kind] if told.effective]
        yield Warned(*kind, share, median(took) if took else None)
