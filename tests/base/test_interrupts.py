"""Ctrl-C and what must not be cut short by it."""

import signal
import threading

import pytest
from program import ctrl_c_heard

from noisetamer.base.interrupts import uninterrupted


def test_ctrl_c_is_heard_at_the_end_and_then_as_ever():
    done = []
    with ctrl_c_heard():
        with pytest.raises(KeyboardInterrupt), uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("to its end")
        assert done
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_that_is_ignored_stays_ignored_and_a_thread_is_never_interrupted():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with uninterrupted():
            assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)

    def entered() -> None:
        with uninterrupted():
            assert signal.getsignal(signal.SIGINT) is before

    thread = threading.Thread(target=entered)
    thread.start()
    thread.join()
