"""What of releases must outlast a restart, in the chip's memory; and which tree a box runs by.

`factory.py` reads the same before anything else and says what each phase means: no release ever
may write it otherwise.
"""

import json
import os
from collections import namedtuple

from tamer import blob

FACTORY, NEW = "/factory.tree", "/new.tree"
ROOT = "/root.key"
# What the order said that has brought the new one.
ORDER = "/new.order"

# To be looked at by the next start; the others as in factory.py, for which that is none.
CHECK = "check"
SETTLED, TRIAL, PROVEN, BACK = "", "trial", "proven", "back"

_KEY = "release"
_LARGEST = 400  # bytes

# number: the highest that has proved itself. left: starts of a trial. order, release: their
# numbers, of the last trial. why: it went back; "" where it did not.
State = namedtuple("State", ("number", "phase", "left", "order", "release", "why"))


def load(memory):
    """The State. `memory`: the chip's own (esp32.NVS)."""
    try:
        number, phase, left, order, release, why = json.loads(blob(memory, _KEY, _LARGEST))
        return State(int(number), str(phase), int(left), int(order), int(release), str(why))
    except (ValueError, TypeError):
        return State(0, SETTLED, 0, 0, 0, "")


def save(memory, state):
    """On flash when it returns. Raises OSError where that takes nothing."""
    memory.set_blob(_KEY, json.dumps(list(state)).encode())
    memory.commit()


def turned(state, phase, left=0, why=""):
    """The same release in another phase."""
    return State(state.number, phase, left, state.order, state.release, why)


def tree(state):
    """The path of the one that holds now."""
    if state.phase in (TRIAL, PROVEN) and NEW[1:] in os.listdir("/"):
        return NEW
    return FACTORY


def running(memory):
    """(number of the release, name of the board file), each None where no tree says it.

    `memory`: None where nothing is on trial.
    """
    found = {}
    try:
        with open(tree(load(memory)), "rb") as file:
            for _ in range(8):
                name, _, value = file.readline()[:-1].decode().partition(" ")
                found[name] = value
        return int(found["number"]), found["board"]
    except (OSError, ValueError, KeyError):
        return None, None
