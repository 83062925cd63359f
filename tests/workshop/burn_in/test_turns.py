"""One unit at a time is heard, and looked at; the others wait, and stay awake."""

import threading

import pytest
from waiting import DEADLINE

from noisetamer.workshop.burn_in.turns import Turns


def test_only_one_at_a_time_and_the_other_is_kept_awake():
    turns, order = Turns(feed_every_s=0.001), []
    fed = threading.Event()

    def second() -> None:
        with turns.turn("silence", order.append, fed.set):
            order.append("second")

    other = threading.Thread(target=second)
    with turns.turn("silence", order.append, lambda: None):
        other.start()
        assert fed.wait(DEADLINE)
        order.append("first")
    other.join(DEADLINE)
    assert order == ["waits for silence", "first", "second"]


def test_who_wants_something_else_does_not_wait():
    turns, waits = Turns(), []
    with (
        turns.turn("silence", waits.append, lambda: None),
        turns.turn("eyes", waits.append, lambda: None),
    ):
        assert waits == []


def test_who_is_stopped_while_it_waits_leaves_the_turn_to_others():
    turns = Turns(feed_every_s=0.001)

    def stops() -> None:
        raise KeyboardInterrupt

    with (
        turns.turn("eyes", lambda what: None, lambda: None),
        pytest.raises(KeyboardInterrupt),
        turns.turn("eyes", lambda what: None, stops),
    ):
        pass
    with turns.turn("eyes", lambda what: None, stops):
        pass
