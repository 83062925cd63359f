"""A release that an order brings: whether it may come at all, and where the next start finds it.

What it is signed with and what is in it is looked at there (tamer.release_check): that wants more
memory than a running box has.
"""

import json
import os

from tamer import saved_release
from tamer.saved_release import CHECK, NEW, ORDER, ROOT, State

_MOST_FRESH = 8 * 86400  # s, as tamer.record.release has it
# Starts that may look at it: one may meet a power cut.
_STARTS = 2


def refusal(order, memory, now):
    """(why, what exactly) it is refused before any of it comes; None if it is not."""
    if ROOT[1:] not in os.listdir("/"):
        return "no key", ROOT[1:]
    state = saved_release.load(memory)
    if state.phase:
        return "busy", None
    number, board = saved_release.running(memory)
    highest = max(state.number, number or 0)
    if order["release"] <= highest:
        return "older", "%d, it has %d" % (order["release"], highest)
    if not now <= order["fresh"] <= now + _MOST_FRESH:
        return "stale", "it is %d" % now
    if board is None:
        return "board", "unknown"
    return None


def keep(order, path, memory):
    """The next start looks at the file. Raises OSError."""
    with open(ORDER, "w") as file:
        json.dump(order, file)
    if path[1:] in os.listdir("/"):
        # Not where a try before this one had no memory for what follows.
        os.rename(path, NEW)
    number = max(saved_release.load(memory).number, saved_release.running(memory)[0] or 0)
    state = State(number, CHECK, _STARTS, order["n"], order["release"], "")
    saved_release.save(memory, state)
