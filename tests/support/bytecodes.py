"""What a piece of code costs, in CPython's bytecodes: the count depends on no machine."""

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def bytecodes(work: Callable[..., Any], *given: Any) -> int:
    """How many are executed, in all functions it calls."""
    count = 0

    def within(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        count += event == "opcode"
        return within

    def enter(frame: FrameType, event: str, _: Any) -> Any:
        frame.f_trace_opcodes = True
        return within

    # else what others have left is collected meanwhile, and its last words are counted
    collects, traced = gc.isenabled(), sys.gettrace()
    gc.disable()
    sys.settrace(enter)
    try:
        work(*given)
    finally:
        sys.settrace(traced)
        if collects:
            gc.enable()
    return count
