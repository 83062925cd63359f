"""Ctrl-C and what must not be cut short by it."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_A_MOMENT_S = 0.01


def hear_again() -> None:
    """What ends a process is heard also where Python takes no exception: in what it calls when
    something is collected or a module is loaded, it says "Exception ignored" and goes on.

    For KeyboardInterrupt of SIGINT and SystemExit of SIGTERM: that signal comes once more, a
    moment later. For a whole process, once.
    """
    before = sys.unraisablehook

    def hook(what: "sys.UnraisableHookArgs") -> None:
        number = {KeyboardInterrupt: signal.SIGINT, SystemExit: signal.SIGTERM}.get(what.exc_type)
        is_main = threading.current_thread() is threading.main_thread()
        if number is None or not is_main or not callable(signal.getsignal(number)):
            before(what)
            return
        # Not at once: it would be raised in here.
        signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(number))
        signal.setitimer(signal.ITIMER_REAL, _A_MOMENT_S)

    # Windows knows no such timer.
    if hasattr(signal, "setitimer"):
        sys.unraisablehook = hook


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C is heard at the end. For C code that calls Python: it takes no exception from there.

    Only the main thread is ever interrupted.
    """
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = []
    signal.signal(signal.SIGINT, lambda *what: heard.append(what))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if heard:
            handler(*heard[0])
