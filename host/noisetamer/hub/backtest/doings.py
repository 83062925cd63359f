"""The list of what was done or would have been, with times; and the same by hour. Pure."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.zones import offset_text
from noisetamer.hub.backtest.backtest import ReplayedUnit
from noisetamer.hub.backtest.replay import Done
from noisetamer.unit.policy import times
from tamer.judge.calendar import Clock
from tamer.judge.ladder import STAGES
from tamer.record.events import CALLED
from tamer.record.reading import MISSING

_HOUR = 3600

COUNTED = ("incidents", "spoken", *CALLED, "sudden")


def when(clock: Clock, t: int) -> str:
    """Local time with its offset, ISO 8601."""
    local = times.local(clock, t)
    east = round((local - times.EPOCH).total_seconds()) - t
    return local.isoformat() + offset_text(east)


def rows(units: list[ReplayedUnit], place: int | None, clock: Clock) -> list[dict[str, Any]]:
    """Everything in the order of time; place: of the policy, None: what the boxes did.

    what: red, dealt (word: the arm), released, spoken (word: the message), leader, property,
    police, sudden noise.
    """
    found = []
    for unit in units:
        done = unit.told if place is None else unit.did[place]
        if done:
            found += [(t, unit.name, what, word) for t, what, word in _all(done)]
    found.sort()
    return [
        {"time": when(clock, t), "t": t, "unit": unit, "what": what, "word": word}
        for t, unit, what, word in found
    ]


def _all(done: Done) -> Iterable[tuple[int, str, str]]:
    yield from ((t, "red", "") for t in done.incidents)
    yield from ((t, "dealt", arm) for t, arm in done.dealt)
    yield from ((t, "released", "") for t in done.ends)
    yield from ((t, "spoken", word) for t, word in zip(done.spoken, done.messages, strict=True))
    yield from ((t, to, "") for t, to in done.escalations)
    yield from ((t, "sudden noise", "") for t in done.sudden)


def incidents(units: list[ReplayedUnit], place: int | None, clock: Clock) -> list[dict[str, Any]]:
    """One by one in the order of time; place as of `rows`.

    begin, end: local times, None of one that has begun before or is not over; called: {who: when}.
    """
    found = []
    for unit in units:
        done = unit.told if place is None else unit.did[place]
        if done:
            found += [(at, unit.name, one) for at, one in _incidents(done, clock)]
    found.sort(key=lambda each: each[:2])
    return [{"unit": unit, **one} for _, unit, one in found]


def _incidents(done: Done, clock: Clock) -> Iterable[tuple[int, dict[str, Any]]]:
    begins = [-1, *done.incidents]
    for begin, following in pairwise((*begins, 1 << 62)):
        ends = done.ends[bisect_right(done.ends, begin) : bisect_right(done.ends, following)]
        spoken = done.spoken[bisect_left(done.spoken, begin) : bisect_left(done.spoken, following)]
        first_call, after = (bisect_left(done.escalations, (at,)) for at in (begin, following))
        called = done.escalations[first_call:after]
        first = min(
            [begin] if begin >= 0 else [*ends, *spoken, *(t for t, _ in called)], default=None
        )
        if first is None:
            continue
        yield (
            first,
            {
                "begin": when(clock, begin) if begin >= 0 else None,
                "end": when(clock, ends[0]) if ends else None,
                "day": when(clock, first)[:10],
                "spoken": len(spoken),
                "called": {to: when(clock, t) for t, to in _first(called)},
            },
        )


def _first(called: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Of each who was called the first time."""
    seen: set[str] = set()
    return [(t, to) for t, to in called if not (to in seen or seen.add(to))]


def hours(units: list[ReplayedUnit], place: int, clock: Clock) -> list[dict[str, Any]]:
    """A row for each unit and hour of the local clock of which anything was recorded.

    heard: s that could be judged; amber, red: s in them, red with what follows it.
    """
    found = []
    for unit in units:
        did = unit.did[place]
        t = np.asarray(unit.heard.t)
        begins, at = np.unique(hour_of(clock, t), return_inverse=True)
        judged = np.asarray(unit.heard.level) != MISSING
        stage = np.asarray(did.stage)
        seconds = {
            "heard": np.bincount(at, judged, len(begins)),
            "amber": np.bincount(at, stage == STAGES.index("amber"), len(begins)),
            "red": np.bincount(at, stage >= STAGES.index("red"), len(begins)),
        }
        done = by_hour(did, clock)
        found += [
            {
                "unit": unit.name,
                "hour": when(clock, int(begin)),
                "t": int(begin),
                **{name: int(of[i]) for name, of in seconds.items()},
                **{name: done[int(begin), name] for name in COUNTED},
            }
            for i, begin in enumerate(begins)
        ]
    return found


def by_hour(done: Done, clock: Clock) -> Counter[tuple[int, str]]:
    """{(begin of the hour, one of COUNTED): how many}, Unix time."""
    found: Counter[tuple[int, str]] = Counter()
    named = {"incidents": done.incidents, "spoken": done.spoken, "sudden": done.sudden}
    named |= {to: [t for t, who in done.escalations if who == to] for to in CALLED}
    for name, at in named.items():
        for begin in hour_of(clock, np.array(at, np.int64)).tolist():
            found[begin, name] += 1
    return found


def hour_of(clock: Clock, t: NDArray[Any]) -> NDArray[Any]:
    """When the hours of the local clock began, Unix time."""
    return t - local(clock, t) % _HOUR


def local(clock: Clock, t: NDArray[Any]) -> NDArray[Any]:
    """Seconds of the local clock since 1970."""
    edges = [at for at, _ in clock.changes]
    offsets = [clock.offset, *(offset for _, offset in clock.changes)]
    return t + np.array(offsets)[np.searchsorted(edges, t, side="right")]
