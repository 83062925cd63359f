"""Every second that goes by has its time, heard or not. Runs in both Pythons."""

import asyncio

import pytest

from tamer import clock
from tamer.hear.diagnosis.monitor import QuickFeatures
from tamer.hear.hearing import Hearing, ear_of
from tamer.hear.kernel.block_sums import BlockSums
from tamer.hear.kernel.profile import profile
from tamer.hear.validity.reasons import Measured
from tamer.record.reading import GAP, MISSING, reason

pytestmark = pytest.mark.pure

START = 1795431600
INMP441 = profile("INMP441", -26.0, 3.0, 33.0, 120.0, 85)
SUMS = BlockSums(48000, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -9, 9, 0.0)


class ScriptedEar:
    """In each of its seconds so many went by unheard before, and the clock shows so much more."""

    block_ms = 125

    def __init__(self, lost, steps=()):
        self.now = START
        self._lost = lost
        self._steps = dict(steps)
        self._number = 0

    async def second(self, own_voice, echo):
        lost = self._lost[self._number]
        self.now += 1 + lost + self._steps.get(self._number, 0)
        self._number += 1
        quick = QuickFeatures(0xFFFFFF, False, 330)
        return Measured((600, 620, 660, 760), None, SUMS, quick, None, lost > 0, lost)


def heard(ear, count):
    real, clock.now = clock.now, lambda: ear.now
    hearing = Hearing(ear, INMP441, lambda since: False)
    try:
        return [asyncio.run(hearing.second()) for _ in range(count)]
    finally:
        clock.now = real


def test_seconds_that_went_by_unheard_come_first_and_each_is_a_gap():
    seconds = heard(ScriptedEar([0, 0, 2, 0]), 6)
    assert [second.t - START for second in seconds] == [0, 1, 2, 3, 4, 5]
    assert [reason(second) == GAP for second in seconds][1:] == [False, True, True, True, False]
    assert [second.LAeq == MISSING for second in seconds][1:] == [False, True, True, False, False]


def test_what_went_by_before_the_first_second_was_heard_is_told_too_and_no_time_comes_twice():
    seconds = heard(ScriptedEar([3, 0, 0]), 6)
    assert [second.t - START for second in seconds] == [0, 1, 2, 3, 4, 5]
    assert [second.LAeq == MISSING for second in seconds] == [True] * 3 + [False] * 3


def test_a_clock_that_is_set_is_followed_one_that_trembles_is_not():
    seconds = heard(ScriptedEar([0] * 4, {1: 1, 2: -1, 3: 7200}), 4)
    assert [second.t - START for second in seconds] == [0, 1, 2, 7203]


def test_a_receiver_that_gives_levels_brings_its_own_ear():
    class Receiver:
        def ear(self, *made):
            return made

    class Microphone:
        i2s = Receiver()

    assert ear_of(Microphone, "kernel", None, 120.0) == (
        (Microphone, "kernel", None, 120.0, (1.0, ()))
    )
