"""What the statistics are worth: false effects, coverage of each kind of interval, and power.

Thousands of simulated squares, whose incidents the box's own ladder judges second by second
(levels tier), and thousands of simulated years of complaints.

    python tests/bench/trial_power.py                  # about ten minutes on two cores
    python tests/bench/trial_power.py --squares 100 --part coverage
"""

import argparse
import bisect
import math
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from complaint_years import Street, counts
from trial_square import NIGHTLY, Crowd, TrialSquare, table

from noisetamer.hub.intervals import levels, rates, shares, times
from noisetamer.hub.intervals.before_after import before_after
from noisetamer.hub.intervals.interval import Interval
from noisetamer.hub.trials import analysis
from noisetamer.hub.trials.analysis import DECISIVE, LOOKS, PER_ARM
from noisetamer.hub.trials.dealt import Dealt

ALL = LOOKS[-1][0]
_CHUNK = 10


def holds(interval: Interval, truth: float) -> bool | None:
    """Whether the truth lies in it; None where it says nothing."""
    if interval.low is None and interval.high is None:
        return None
    low = -math.inf if interval.low is None else interval.low
    high = math.inf if interval.high is None else interval.high
    return low <= truth <= high


def covered(said: Iterable[bool | None]) -> str:
    """Of all that say anything, how many hold."""
    answers = [one for one in said if one is not None]
    return f"{100 * sum(answers) / max(1, len(answers)):5.1f} % of {len(answers)}"


def square(
    seed: int, obeys: dict[str, float], incidents: int, longest: float = 300.0
) -> list[Dealt]:
    """The incidents of one square, as the hub reads them. longest: s after which all go home."""
    one = TrialSquare(Crowd(obeys, longest=longest), table(*obeys), seed)
    one.lives(incidents)
    return one.dealt()


def _in_parts(map_all: Callable, work: Callable, items: Sequence) -> list:
    return list(map_all(work, items, chunksize=_CHUNK))


# -- false effects


def no_effect(seed: int) -> tuple[bool, bool, bool]:
    """(found by the looks, by the first look, by who compares with 95 % every sixth evening)."""
    arms = 2 + seed % 2
    obeys = dict.fromkeys("abc"[:arms], 0.3)
    # what comes after DECISIVE decides nothing
    incidents = square(seed, obeys, math.ceil(ALL * arms * 1.02), DECISIVE + 30)
    looks = analysis.trial(incidents)
    first = analysis.trial(incidents[: PER_ARM * arms])
    evenings = range(2 * NIGHTLY, len(incidents), 6 * NIGHTLY)
    peeked = any(
        any(each.found for each in analysis.compare(incidents[:n], list(obeys))) for n in evenings
    )
    return bool(looks.found), bool(first.found), peeked


def false_effects(squares: int, map_all: Callable) -> float:
    """Share of squares with an effect where there is none; prints it."""
    found = np.array(_in_parts(map_all, no_effect, range(squares)))
    print(f"\nNo effect, {squares} squares, half with two arms and half with three:")
    for name, share in zip(
        ("all looks", "the first look alone", "looking every sixth evening with 95 %"),
        found.mean(axis=0),
        strict=True,
    ):
        print(f"  found to have one by {name}: {100 * share:.1f} %")
    return float(found[:, 0].mean())


# -- coverage


def some_incidents(seed: int) -> list[Dealt]:
    return square(seed, {"a": 0.2, "b": 0.4}, 2 * PER_ARM)


def _of(incidents: Sequence[Dealt], name: str) -> list[Dealt]:
    return [one for one in incidents if one.arm == name]


def trial_intervals(incidents: Sequence[Dealt]) -> dict[str, Interval]:
    """Each kind that the page shows, of one square or of all."""
    a, b = (analysis.arm(name, _of(incidents, name)) for name in "ab")
    return {
        "noise of the first 120 s": a.noise,
        "share quiet within 120 s": a.quiet[DECISIVE],
        "share quiet within 300 s": b.quiet[300],
        "median time to quiet": b.took,
        "share that needed nobody": a.alone,
        "share of relapses": b.relapsed,
        "share that lasted": b.lasting,
        "difference of two arms": analysis.compare(incidents, "ab")[0].difference,
    }


def trial_coverage(squares: int, map_all: Callable) -> None:
    """Prints it. The truth is what all squares say together."""
    all_squares = _in_parts(map_all, some_incidents, range(10_000, 10_000 + squares))
    truth = trial_intervals([one for incidents in all_squares for one in incidents])
    found = _in_parts(map_all, trial_intervals, all_squares)
    print(f"\nCoverage of 95 % intervals, {squares} squares of {2 * PER_ARM} incidents:")
    for name, true in truth.items():
        assert true.value is not None
        print(f"  {name:28} {covered(holds(one[name], true.value) for one in found)}")


_YEARS = {
    "a year before, 60 days after": (Street(), 365, 60, 0.7, False),
    "two years before, 90 days after, few": (Street(each=0.15), 730, 90, 0.6, False),
    "a year before, a year after": (Street(), 365, 365, 0.75, False),
    "the same, weather that lasts": (Street(weather=0.4, lasting=0.9), 365, 365, 0.75, False),
    "90 days before and after, no season": (Street(season=0, peak=0), 90, 90, 0.7, False),
    "90 and 60 days, four others as control": (Street(), 90, 60, 0.7, True),
    "30 and 30 days, four others as control": (Street(each=1.0), 30, 30, 0.7, True),
    "a year and 90 days, control, weather": (Street(weather=0.4, lasting=0.9), 365, 90, 0.7, True),
}


def a_year(item: tuple[str, int]) -> bool | None:
    name, seed = item
    street, before, after, effect, control = _YEARS[name]
    begins = date(2026, 1, 1) + timedelta(seed % 365)
    each = counts(
        street, begins, before, after, effect, [seed, 7], (1.0, 4.0) if control else (1.0,)
    )
    return holds(before_after(*each[0], begins, *(each[1] if control else ((), ()))).ratio, effect)


def other_kinds(seed: int) -> dict[str, bool | None]:
    """Shares, rates, levels: whether each holds."""
    rng = np.random.default_rng(seed)
    found = {}
    for n, p in ((20, 0.3), (100, 0.1), (400, 0.5)):
        found[f"share, {n} with {p}"] = holds(shares.share(int(rng.binomial(n, p)), n), p)
    one, other = (shares.share(int(rng.binomial(60, p)), 60) for p in (0.4, 0.25))
    found["difference of shares, 60 and 60"] = holds(shares.difference(one, other), 0.15)
    found["rate, 30 expected"] = holds(rates.rate(int(rng.poisson(30)), 10), 3)
    took = rng.exponential(60, 80)
    end = rng.exponential(150, 80)
    known = (np.minimum(took, end).tolist(), (took <= end).tolist())
    found["median time, a third not watched"] = holds(times.median(*known), 60 * math.log(2))
    found["share within a time, the same"] = holds(times.within(*known, 60), 1 - math.exp(-1))
    for days, lasting in ((14, 0.0), (28, 0.3), (90, 0.5)):
        noise = rng.normal(0, 2 * math.sqrt(1 - lasting**2), 2 * days)
        noise[0] /= math.sqrt(1 - lasting**2)
        for k in range(1, 2 * days):
            noise[k] += lasting * noise[k - 1]
        begin = date(2026, 3, 2)
        each = [begin + timedelta(k) for k in range(2 * days)]
        level = 65 + noise + [3.0 * (day.weekday() >= 5) for day in each]
        level[days:] -= 1.5
        pairs = list(zip(each, level.tolist(), strict=True))
        found[f"levels, {days} days each, {lasting} alike"] = holds(
            levels.level_difference(pairs[:days], pairs[days:]), -1.5
        )
    # each day in a mood of its own
    of = rng.poisson(3, 60)
    each = [int(n) for n in rng.binomial(of, rng.beta(1.5, 3, 60))]
    pairs = list(zip(each, of.tolist(), strict=True))
    found["share of 60 days with 3 each"] = holds(shares.share_of_days(pairs), 1 / 3)
    single = shares.share(sum(each), int(of.sum()))
    found["the same, as if none knew of another"] = holds(single, 1 / 3)
    return found


def coverage(squares: int, map_all: Callable) -> None:
    """Prints that of counts before and after, and of the rest."""
    print(f"\nComplaints before and after, {squares} years of each kind:")
    for name in _YEARS:
        said = _in_parts(map_all, a_year, [(name, seed) for seed in range(squares)])
        print(f"  {name:40} {covered(said)}", flush=True)
    print(f"\nOther kinds, {squares} of each:")
    found = _in_parts(map_all, other_kinds, range(squares))
    for name in found[0]:
        print(f"  {name:40} {covered(one[name] for one in found)}")


# -- power


def pool(item: tuple[float, int]) -> list[Dealt]:
    share, seed = item
    return square(seed, {"a": share, "b": 2 * share}, 400, DECISIVE + 30)


def _found(evenings: Sequence[list[Dealt]], n: int, arms: str, wrong: float, rng) -> bool:
    incidents: list[Dealt] = []
    while len(incidents) < n:
        incidents += rng.choice(evenings)
    return any(each.found for each in analysis.compare(incidents[:n], list(arms), wrong))


def power(squares: int, map_all: Callable) -> None:
    """Prints how many incidents find an arm that doubles compliance, in 80 % of squares."""
    print(f"\nAn arm that doubles compliance, {squares} squares of each size:")
    print("  obeyed     s of noise    incidents for 80 %   found at 120 / 240 / 480 incidents")
    for share in (0.1, 0.15, 0.2, 0.25, 0.3, 0.4):
        runs = _in_parts(map_all, pool, [(share, 500 + k) for k in range(40)])
        evenings = [
            run[at : at + NIGHTLY] for run in runs for at in range(0, len(run) - NIGHTLY, NIGHTLY)
        ]
        told = [one for evening in evenings for one in evening]
        noise = [analysis.noise_of(_of(told, arm)).value or 0 for arm in "ab"]
        rng = random.Random(1)

        def finds(n: int, wrong: float, evenings=evenings, rng=rng) -> float:
            done = [_found(evenings, n, "ab", wrong, rng) for _ in range(squares)]
            return sum(done) / squares

        sizes = range(40, 1020, 20)
        at = bisect.bisect_left(sizes, 0.8, key=lambda n: finds(n, LOOKS[0][1]))
        needed = sizes[at] if at < len(sizes) else None
        looks = [finds(2 * per_arm, wrong) for per_arm, wrong in LOOKS]
        print(
            f"  {share:.0%} : {2 * share:.0%}   {noise[0]:6.0f} : {noise[1]:.0f}  "
            f"   {needed or 'over 1000':>16}           "
            + " / ".join(f"{one:.0%}" for one in looks),
            flush=True,
        )


PARTS = {
    "false": false_effects,
    "trial": trial_coverage,
    "coverage": coverage,
    "power": power,
}


def main() -> None:
    asked = argparse.ArgumentParser(description="What the statistics are worth.")
    asked.add_argument("--squares", type=int, default=1000)
    asked.add_argument("--part", choices=PARTS)
    asked.add_argument("--processes", type=int, default=2)
    arguments = asked.parse_args()
    with ProcessPoolExecutor(arguments.processes) as processes:
        for name, part in PARTS.items():
            if arguments.part in (None, name):
                part(
                    arguments.squares if name != "power" else min(400, arguments.squares),
                    processes.map,
                )


if __name__ == "__main__":
    main()
