"""The box's limits on itself: how long, how loud, how often, when not. Runs in both Pythons."""

import pytest
from judged_square import EVENING, LOUD, MIDNIGHT, NOT_NEAR, Square

from tamer.judge.ladder import (
    AMBER,
    FIRM,
    LIGHT,
    POLITE,
    RED,
    Escalation,
    Say,
    SetSpotlight,
    WarningOutcome,
)
from tamer.record.reading import GAP, OWN_VOICE

pytestmark = pytest.mark.pure

HOUR = 3600
NEVER = {"speaking": {"pause": [["00:00", "24:00"]]}}


def spoken_in_the_worst_hour(square, seconds, message, gaps=False):
    """The most seconds of speech in any 3600 on end, of a square that never listens."""
    speech = bytearray(seconds)
    talks = 0
    for i in range(seconds):
        done = len(square.effects)
        if talks:
            square.hears(900, why=GAP if gaps and talks % 2 else OWN_VOICE)
            talks -= 1
            speech[i] = 1
        else:
            square.hears(LOUD)
        if any(isinstance(effect, Say) for effect in square.effects[done:]):
            talks = message
    worst = now = 0
    for i, second in enumerate(speech):
        now += second - (speech[i - HOUR] if i >= HOUR else 0)
        worst = max(worst, now)
    return worst


def test_in_no_hour_on_end_it_speaks_longer_than_the_policy_allows():
    for longest, message in ((600, 15), (60, 13), (15, 15)):
        square = Square({"speaking": {"longest_per_hour": longest, "longest_message": 15}})
        worst = spoken_in_the_worst_hour(square, HOUR + 1800, message)
        assert worst <= longest
        # The reserve for a longest message, and what the messages do not divide.
        assert worst > longest - 15 - message


def test_samples_lost_while_it_speaks_count_as_speech():
    square = Square({"speaking": {"longest_per_hour": 100}})
    assert spoken_in_the_worst_hour(square, HOUR, 14, gaps=True) <= 100


def test_an_hour_without_a_second_of_speech_is_silent():
    square = Square({"speaking": {"longest_per_hour": 0}})
    square.stays_loud(600)
    assert square.said() == []


def test_after_an_hour_of_silence_it_may_speak_again():
    square = Square({"speaking": {"longest_per_hour": 15}})
    square.stays_loud(60)
    first = len(square.said())
    assert first == 1
    square.hears(*[NOT_NEAR] * (HOUR + 300))
    square.stays_loud(60)
    assert len(square.said()) == 2


def test_the_volume_is_that_of_the_hour():
    for t, volume in ((EVENING, 0), (MIDNIGHT, -12)):
        square = Square(t=t)
        square.stays_loud(30)
        assert {effect.volume for effect in square.did(Say)} == {volume}


def test_it_is_silent_for_the_least_gap_after_a_message_even_in_a_new_incident():
    square = Square({"speaking": {"least_gap": 40}})
    square.hears(*[LOUD] * 10)
    square.speaks()
    square.hears(NOT_NEAR, NOT_NEAR)
    stages = square.hears(*[LOUD] * 37)
    assert square.said() == [1]
    assert stages[-1] == RED
    square.hears(LOUD)
    assert square.said() == [1, 1]


def test_between_two_messages_it_listens_for_the_longer_of_the_two_gaps():
    for gap, least_gap in ((3, 20), (20, 3), (20, 20)):
        square = Square({"firm": {"gap": gap}, "speaking": {"least_gap": least_gap}})
        square.hears(*[LOUD] * 10)
        square.speaks()
        square.hears(*[LOUD] * 19)
        assert square.said() == [1]
        square.hears(LOUD)
        assert square.said() == [1, 2]


def test_where_it_may_not_speak_it_goes_on_to_red_and_spotlight():
    square = Square(NEVER)
    stages = square.hears(*[LOUD] * 100)
    assert stages[-1] == RED
    assert square.did(SetSpotlight) == [SetSpotlight(True)]
    assert square.said() == []


def test_a_quiet_day_has_no_voice_unless_it_says_so():
    day = {"name": "gaokao", "from": "2026-11-24", "to": "2026-11-24", "limit": 65}
    for speak in (False, True):
        square = Square({"quiet": [dict(day, speak=speak)]})
        square.stays_loud(30)
        assert (square.said() != []) == speak


def test_without_a_voice_a_minute_of_red_counts_as_a_warning_by_light():
    square = Square(NEVER)
    square.hears(*[LOUD] * 10)
    assert square.state.stage == RED
    square.hears(*[LOUD] * 59)
    assert square.did(WarningOutcome) == []
    square.hears(LOUD)
    assert square.did(WarningOutcome) == [WarningOutcome(LIGHT, RED, 1, False, 60)]
    square.hears(*[LOUD] * 30)
    square.hears(*[NOT_NEAR] * 5)
    assert square.did(WarningOutcome)[1:] == [WarningOutcome(LIGHT, RED, 2, True, 30)]


def test_the_fifth_warning_by_light_in_vain_calls_like_one_by_voice():
    square = Square(NEVER)
    square.hears(*[LOUD] * (10 + 5 * 60 - 1))
    assert square.did(Escalation) == []
    square.hears(LOUD)
    assert [effect.to for effect in square.did(Escalation)] == ["leader"]


def test_when_its_hour_is_used_up_it_stays_firm_and_warns_by_light():
    square = Square({"speaking": {"longest_per_hour": 40}})
    square.stays_loud(300)
    assert square.state.stage == FIRM
    messages = [(outcome.message, outcome.stage) for outcome in square.did(WarningOutcome)]
    assert messages[:2] == [("polite_zh", POLITE), ("warning_zh", FIRM)]
    assert set(messages[len(square.said()) :]) == {(LIGHT, FIRM)}


def test_when_the_pause_is_over_it_speaks_at_once():
    square = Square({"speaking": {"pause": [["19:00", "20:01"]]}})
    square.stays_loud(60)
    assert (square.state.stage, square.said()) == (RED, [])
    square.stays_loud(2)
    assert (square.state.stage, square.said()) == (POLITE, [1])


def test_the_pause_begins_in_mid_incident_and_ends_no_message():
    square = Square({"speaking": {"pause": [["20:01", "20:30"]]}})
    square.stays_loud(60)
    said = square.said()
    assert said == [1, 2, 3, 4, 5]
    square.stays_loud(120)
    assert square.said() == said
    assert square.state.stage == FIRM


def test_the_voice_of_others_through_its_loudspeaker_counts_too():
    """Somebody speaks through the box, or it checks itself."""
    square = Square({"speaking": {"longest_per_hour": 100}})
    square.speaks(86)
    square.stays_loud(60)
    assert square.said() == []
    assert AMBER != square.state.stage == RED
