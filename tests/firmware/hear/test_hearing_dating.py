"""Every second that goes by has its name, heard or not, dated or not. Runs in both Pythons."""

import asyncio

import pytest

from tamer.hear.diagnosis.monitor import QuickFeatures
from tamer.hear.hearing import Hearing, ear_of
from tamer.hear.kernel.block_sums import BlockSums
from tamer.hear.kernel.profile import profile
from tamer.hear.validity.reasons import Measured
from tamer.record.reading import GAP, MISSING, REASONS, is_dated, reason

pytestmark = pytest.mark.pure

START = 1795431600
INMP441 = profile("INMP441", -26.0, 3.0, 33.0, 120.0, 85)
SUMS = BlockSums(48000, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -9, 9, 0.0)


class ScriptedEar:
    """In each of its seconds so many went by unheard before; it is the clock, too, which steps by
    so many s in some, and in some is not known."""

    block_ms = 125

    def __init__(self, lost, steps=(), unknown=0):
        self._now = START
        self._lost = lost
        self._steps = dict(steps)
        self._unknown = unknown
        self._number = 0
        self._news = None

    async def second(self, own_voice, echo):
        lost = self._lost[self._number]
        step = self._steps.get(self._number, 0)
        self._now += 1 + lost + step
        self._number += 1
        if step or self._number == self._unknown + 1 > 1:
            self._news = ("ntp", 1000 * step or None, None)
        quick = QuickFeatures(0xFFFFFF, False, 330)
        return Measured((600, 620, 660, 760), None, SUMS, quick, None, lost > 0, lost)

    def start(self):
        pass

    def known(self):
        return self._number > self._unknown

    def now_ms(self):
        return 1000 * self._now

    def news(self):
        news, self._news = self._news, None
        return news


def heard(ear, count):
    hearing = Hearing(ear, INMP441, lambda since: False, ear)
    return [asyncio.run(hearing.second()) for _ in range(count)]


def names(seconds):
    """As seconds after START where they are dated, else (number, reason)."""
    return [s.t - START if is_dated(s.t) else (s.t, REASONS[reason(s)]) for s in seconds]


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


def test_while_the_time_is_unknown_seconds_are_numbered_and_what_else_is_wrong_with_one_is_said():
    seconds = heard(ScriptedEar([0, 0, 0, 2, 0, 0], unknown=5), 8)
    # The first of a boot is the power's.
    assert names(seconds) == [
        (0, "power"),
        (1, "clock"),
        (2, "clock"),
        (3, "gap"),
        (4, "gap"),
        (5, "gap"),
        (6, "clock"),
        7,
    ]
    assert seconds[1].LAeq == 600


def test_a_small_step_forward_leaves_seconds_that_are_told_as_missing():
    seconds = heard(ScriptedEar([0] * 4, {2: 3}), 7)
    assert [second.t - START for second in seconds] == [0, 1, 2, 3, 4, 5, 6]
    assert [REASONS[reason(second)] for second in seconds][2:5] == ["clock"] * 3
    assert [second.LAeq == MISSING for second in seconds][1:6] == [False, True, True, True, False]


def test_after_a_step_back_no_second_has_the_name_of_another():
    seconds = heard(ScriptedEar([0] * 9, {4: -3}), 9)
    assert names(seconds) == [0, 1, 2, 3, (4, "clock"), (5, "clock"), (6, "clock"), 4, 5]
    assert seconds[4].LAeq == 600


def test_names_given_by_a_clock_that_was_hours_ahead_for_a_moment_cost_no_hours():
    seconds = heard(ScriptedEar([0] * 8, {3: -28800}), 8)
    assert names(seconds) == [0, 1, 2, -28797, -28796, -28795, -28794, -28793]
    # When it comes to those names they are taken.
    seconds = heard(ScriptedEar([0] * 10, {3: -7}), 10)
    assert names(seconds)[3:] == [-4, -3, -2, -1, (7, "clock"), (8, "clock"), (9, "clock")]


def test_what_the_clock_says_is_told_before_the_first_second_it_names():
    ear = ScriptedEar([0] * 6, {4: -2}, unknown=2)
    hearing = Hearing(ear, INMP441, lambda since: False, ear)
    told = []
    for _ in range(6):
        second = asyncio.run(hearing.second())
        told.append((hearing.clock_news(), hearing.unix(second.t) - START))
    assert told[2:5] == [
        ((START, "ntp", None, None), 2),
        (None, 3),
        ((START - 2, "ntp", -2000, None), 2),
    ]
    assert told[0] == (None, -START)
    assert [unix for _, unix in told[2:]] == [2, 3, 2, 3]


class OverheardEar(ScriptedEar):
    """Its clock is one that somebody else sets: it knows the time once it was asked whether."""

    _asked = False

    def known(self):
        known = super().known()
        if known and not self._asked:
            self._asked = True
            self._news = ("chip", None, None)
        return known

    def now_ms(self):
        return super().now_ms() if self._asked else 1000 * self._number


def test_a_clock_that_somebody_else_has_set_dates_the_boot_at_once():
    ear = OverheardEar([0] * 4, unknown=2)
    hearing = Hearing(ear, INMP441, lambda since: False, ear)
    told = []
    for _ in range(4):
        second = asyncio.run(hearing.second())
        told.append((hearing.clock_news(), second.t))
    known = (START, "chip", None, None)
    assert told == [(None, 0), (None, 1), (known, START + 2), (None, START + 3)]


def test_a_receiver_that_gives_levels_brings_its_own_ear():
    class Receiver:
        def ear(self, *made):
            return made

    class Microphone:
        i2s = Receiver()

    assert ear_of(Microphone, "kernel", None, 120.0) == (
        (Microphone, "kernel", None, 120.0, (1.0, ()))
    )
