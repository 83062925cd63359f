"""One policy at work: the ruling that holds, and a voice that may fail. Runs in both Pythons."""

import pytest
from judged_square import EVENING, LOUD, MIDNIGHT, SHIPPED

from tamer.judge.ladder import Say
from tamer.ladder_runner import LadderRunner, rehearse
from tamer.record.reading import CLOCK, VALID, Second

pytestmark = pytest.mark.pure


class NoMemory:
    """A chip on which nothing was kept and nothing is."""

    def load(self, now):
        return None

    def save(self, t, state, has_acted):
        pass


class Messages:
    """A voice with messages of these lengths, s."""

    def __init__(self, **lengths):
        self._lengths = lengths

    def length(self, message):
        try:
            return self._lengths[message]
        except KeyError:
            raise OSError("no such message") from None


def loud_seconds(runner, seconds, t=EVENING):
    """What it does in a square that is too loud."""
    done = []
    for i in range(seconds):
        second = Second(t + i, LOUD, LOUD, LOUD, LOUD, VALID)
        done += runner.step(second, second.t)
    return done


def test_the_ruling_is_that_of_the_second():
    runner = LadderRunner(SHIPPED, NoMemory(), True)
    for t, limit in ((EVENING, 650), (MIDNIGHT, 550), (EVENING, 650)):
        loud_seconds(runner, 1, t)
        assert runner.ruling.limit == limit


def test_without_the_time_it_judges_by_the_strictest_and_with_it_by_the_hour():
    runner = LadderRunner(SHIPPED, NoMemory(), True)
    done = []
    for t in range(60):
        done += runner.step(Second(t, 600, 620, 660, 740, CLOCK), t)
    assert runner.ruling.limit == 550
    says = [effect for effect in done if isinstance(effect, Say)]
    assert [(say.stage, say.volume) for say in says][:2] == [("polite", -12), ("firm", -12)]
    # The same second, of which the time has come to be known meanwhile.
    runner.step(Second(60, 600, 620, 660, 740, CLOCK), EVENING)
    assert runner.ruling.limit == 650


def test_a_box_without_a_voice_may_never_speak():
    runner = LadderRunner(SHIPPED, NoMemory(), False)
    assert not [effect for effect in loud_seconds(runner, 60) if isinstance(effect, Say)]
    assert runner.state.stage == "red"


def test_a_voice_that_fails_is_not_asked_again():
    runner = LadderRunner(SHIPPED, NoMemory(), True)
    assert [effect for effect in loud_seconds(runner, 30) if isinstance(effect, Say)]
    runner.use(SHIPPED, False)
    assert not [effect for effect in loud_seconds(runner, 60) if isinstance(effect, Say)]


def test_with_both_messages_there_the_policy_stays_as_it_is():
    found = rehearse(Messages(polite_zh=7.2, warning_zh=8), SHIPPED)
    assert found == (SHIPPED, True, {})


def test_without_the_polite_message_the_firm_one_comes_first():
    policy, can_speak, faults = rehearse(Messages(warning_zh=8), SHIPPED)
    assert (policy.polite.times, can_speak) == (0, True)
    assert list(faults) == ["polite_zh"]
    assert policy.hash == SHIPPED.hash


def test_without_the_firm_message_the_polite_one_is_said_in_its_place():
    policy, can_speak, faults = rehearse(Messages(polite_zh=7.2, warning_en=6), SHIPPED)
    assert (policy.polite, policy.firm.message, can_speak) == (SHIPPED.polite, "polite_zh", True)
    assert faults == {"warning_zh": "no such message; polite_zh is said instead"}


def test_without_both_any_that_is_there_is_said():
    policy, can_speak, faults = rehearse(Messages(polite_en=6, tone_500=3), SHIPPED)
    assert (policy.polite.times, policy.firm.message, can_speak) == (0, "polite_en", True)
    assert sorted(faults) == ["polite_zh", "warning_zh"]
    assert policy.hash == SHIPPED.hash


def test_a_message_that_failed_while_it_was_spoken_is_none_from_then_on():
    there = Messages(polite_zh=7.2, warning_zh=8)
    once, can_speak, _ = rehearse(there, SHIPPED, ("warning_zh",))
    assert (once.polite, once.firm.message, can_speak) == (SHIPPED.polite, "polite_zh", True)
    policy, can_speak, faults = rehearse(there, once, ("warning_zh", "polite_zh"))
    assert (policy.polite.times, can_speak) == (0, False)
    assert faults == {"polite_zh": "it could not be played"}


def test_a_policy_that_says_nothing_politely_misses_no_polite_message():
    polite = type(SHIPPED.polite)("shout", 2, 0)
    firm_only = type(SHIPPED)(*[polite if each is SHIPPED.polite else each for each in SHIPPED])
    assert rehearse(Messages(warning_zh=8), firm_only) == (firm_only, True, {})


def test_only_without_any_message_the_box_is_silent():
    policy, can_speak, faults = rehearse(Messages(tone_500=3), SHIPPED)
    assert (policy.firm, can_speak) == (SHIPPED.firm, False)
    assert sorted(faults) == ["polite_zh", "warning_zh"]


def test_a_message_longer_than_the_policy_allows_is_none():
    policy, can_speak, faults = rehearse(Messages(polite_zh=7.2, warning_zh=15.5), SHIPPED)
    assert (policy.firm.message, can_speak) == ("polite_zh", True)
    assert faults["warning_zh"].startswith("longer than the policy allows")


def test_a_board_without_a_loudspeaker_has_nothing_to_rehearse():
    assert rehearse(None, SHIPPED) == (SHIPPED, False, {})
