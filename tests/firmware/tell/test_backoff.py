"""A thousand boxes come back to one hub, and it sees no storm. Runs in both Pythons."""

import random

import pytest

from tamer.tell.backoff import FIRST, LAST, LEAST, STOOD, Backoff

pytestmark = pytest.mark.pure

BOXES = 1000

# Connections a second that the hub sees at the worst.
WORST = 200

GIVES_UP = 30  # s after which an attempt at a hub that says nothing has failed


def arrivals(lost_at, comes_back, refuses):
    """Seconds of every connection that a hub is asked for by all boxes together, until all are in.

    lost_at: s at which each box has lost it. comes_back: s. refuses: there is a computer that
    says no meanwhile, or nothing is there at all, and an attempt takes its time.
    """
    seconds = []
    for lost in lost_at:
        backoff = Backoff(random.randrange)
        at = lost + backoff.pause() / 1000
        while at < comes_back:
            if refuses:
                seconds.append(int(at))
            else:
                at += GIVES_UP
            at += backoff.pause() / 1000
        seconds.append(int(at))
    return seconds


def worst(seconds):
    counts = {}
    for second in seconds:
        counts[second] = counts.get(second, 0) + 1
    return max(counts.values())


def test_a_hub_that_is_started_anew_sees_no_storm():
    random.seed(1)
    for away in (0, 3, 10, 60, 600):
        seconds = arrivals([0.0] * BOXES, away, True)
        assert worst(seconds) <= WORST, away


def test_a_hub_that_comes_back_after_a_power_cut_sees_none_either_and_all_boxes_soon():
    # Nobody tells them that it has gone: each finds out in its own 45 to 60 s.
    random.seed(2)
    lost = [45 + 15 * random.random() for _ in range(BOXES)]
    for away in (60, 300, 7200):
        seconds = arrivals(lost, away, False)
        assert worst([second for second in seconds if second >= away]) <= WORST // 2, away
        assert max(seconds) <= max(away, 60) + GIVES_UP + (LEAST + LAST) / 1000


def test_the_power_comes_back_to_hub_and_boxes_at_once():
    random.seed(3)
    starts = [Backoff(random.randrange).start() for _ in range(BOXES)]
    assert worst([ms // 1000 for ms in starts]) <= 1.5 * WORST


def test_a_hub_that_falls_again_and_again_is_asked_ever_less():
    backoff = Backoff(lambda n: n - 1)
    pauses = []
    for _ in range(6):
        pauses.append(backoff.pause())
        backoff.stood(STOOD - 1)
    assert pauses[0] == LEAST + FIRST - 1 and pauses[-1] == LEAST + LAST - 1
    assert pauses == sorted(pauses)
    backoff.stood(STOOD)
    assert backoff.pause() == pauses[0]


def test_what_somebody_must_mend_is_tried_rarely():
    backoff = Backoff(lambda n: n - 1)
    backoff.hopeless()
    assert backoff.pause() == LEAST + LAST - 1
