"""Seconds of every kind, judged: what rules and ladder cost for each. Runs in both Pythons."""

import json
import sys
from collections import namedtuple

from tamer.judge import ladder, policy, rules
from tamer.judge.ladder import AMBER, FIRM, GREEN, RED, Escalation, Say
from tamer.record.reading import OWN_VOICE, VALID, Second

EVENING = 1795521600  # 2026-11-24 20:00 in China
LOUD, NEAR, QUIET = 720, 640, 500

# state: before the second. second, ruling, policy: what is judged.
Case = namedtuple("Case", ("state", "second", "ruling", "policy"))


def cases():
    """{name: Case}, from the usual second to the one in which most is decided."""
    shipped = policy.read({})
    silent = policy.read({"speaking": {"pause": [["00:00", "24:00"]]}})
    return {
        "quiet": _last(shipped, QUIET, GREEN),
        "own voice": _last(shipped, LOUD, FIRM, OWN_VOICE),
        "near the limit": _last(shipped, NEAR, AMBER),
        "red without a voice": _last(silent, LOUD, RED),
        "listening": _last(shipped, LOUD, FIRM),
        "told, counted and handed over": _handed_over(shipped),
    }


def _played(by, level, seconds=100):
    """(Case, effects) of each second of a level; the box speaks when it has decided to."""
    ruling = rules.ruling(by, EVENING)
    state, talks = ladder.START, 0
    for i in range(seconds):
        heard, why = (950, OWN_VOICE) if talks else (level, VALID)
        second = Second(EVENING + i, heard, heard + 20, heard + 60, heard + 140, why)
        after, effects = ladder.step(state, second, ruling, by)
        yield Case(state, second, ruling, by), effects
        talks = 8 if any([isinstance(each, Say) for each in effects]) else max(0, talks - 1)
        state = after


def _last(by, level, stage, why=VALID):
    """The last second in this stage in which nothing is decided."""
    found = [
        case
        for case, effects in _played(by, level)
        if (case.state.stage, case.second.flags, effects) == (stage, why, ())
    ]
    return found[-1]


def _handed_over(by):
    """An outcome, a call and the next message, all in one second."""
    return next(
        case
        for case, effects in _played(by, LOUD)
        if any([isinstance(each, Escalation) for each in effects])
    )


def measured(rounds=30, times=200):
    """{name: (least us a second, bytes of heap a second)}, in MicroPython."""
    import gc
    import time

    found = {}
    for name, case in cases().items():
        given = case.state, case.second, case.ruling, case.policy
        least = 1e9
        for _ in range(rounds):
            gc.collect()
            start = time.ticks_us()  # pyright: ignore[reportAttributeAccessIssue]
            for _ in range(times):
                ladder.step(*given)
            took = time.ticks_us() - start  # pyright: ignore[reportAttributeAccessIssue]
            least = min(least, took / times)
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()  # pyright: ignore[reportAttributeAccessIssue]
        for _ in range(times):
            ladder.step(*given)
        heap = (gc.mem_alloc() - before) / times  # pyright: ignore[reportAttributeAccessIssue]
        gc.enable()
        found[name] = (least, heap)
    return found


if __name__ == "__main__" and sys.implementation.name == "micropython":
    print(json.dumps(measured()))
