"""How long tests wait for what must come: on any machine, also on one that stands still meanwhile.

Only a wait for what must not come is shorter. Nothing is promised by the clock of the machine.
"""

import time
from collections.abc import Callable
from typing import TypeVar

DEADLINE = 120.0  # s

T = TypeVar("T")


def until(true: Callable[[], T | None], what: str, deadline: float = DEADLINE) -> T:
    """What it returns once that is true."""
    end = time.monotonic() + deadline
    while True:
        if found := true():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline:g} s in vain: {what}")
        time.sleep(0.02)
