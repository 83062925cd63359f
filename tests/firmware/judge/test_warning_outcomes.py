"""Which warnings were of use, and what follows those that were not. Runs in both Pythons."""

import pytest
from judged_square import LIMIT, LOUD, NEAR, NOT_LOUD, NOT_NEAR, Square, warned

from tamer.judge.ladder import (
    AMBER,
    FIRM,
    GREEN,
    POLITE,
    Escalation,
    Relapse,
    Stage,
    WarningOutcome,
)

pytestmark = pytest.mark.pure

CALLED = ["leader", "property", "police"]


def called(square):
    return [effect.to for effect in square.did(Escalation)]


def in_vain(square):
    return [outcome for outcome in square.did(WarningOutcome) if not outcome.effective]


def test_a_message_obeyed_at_once_took_no_time():
    square = warned()
    square.hears(NOT_NEAR, NOT_NEAR)
    assert square.effects[0] == WarningOutcome("polite_zh", POLITE, 1, True, 0)


def test_the_time_to_compliance_is_from_the_messages_end_to_the_first_quiet_second():
    square = warned({"firm": {"gap": 30}})
    square.hears(*[LOUD] * 17, NOT_NEAR, NOT_NEAR)
    assert square.effects[0] == WarningOutcome("polite_zh", POLITE, 1, True, 17)


def test_it_is_told_for_who_only_stops_being_loud_as_well():
    square = warned()
    square.hears(LOUD, *[NOT_LOUD] * 5)
    assert square.effects[0] == WarningOutcome("polite_zh", POLITE, 1, True, 1)
    assert square.state.stage == AMBER


def test_a_message_that_is_repeated_was_in_vain():
    square = warned()
    square.hears(LOUD, LOUD, LOUD)
    assert square.effects[0] == WarningOutcome("polite_zh", POLITE, 1, False, 3)
    square.speaks(9)
    square.hears(LOUD, LOUD, LOUD)
    assert square.did(WarningOutcome)[1] == WarningOutcome("warning_zh", FIRM, 2, False, 3)


def test_of_a_message_after_which_nothing_could_be_heard_nobody_knows():
    square = warned()
    square.hears_nothing(40)
    assert square.state.stage == GREEN
    assert square.did(WarningOutcome) == []


def test_a_message_that_could_not_be_played_is_listened_to_all_the_same():
    square = Square()
    square.hears(*[LOUD] * 13)
    assert square.did(WarningOutcome) == [WarningOutcome("polite_zh", POLITE, 1, False, 3)]


def test_the_leader_is_called_with_the_fifth_warning_in_vain_the_others_while_it_stays_loud():
    square = Square()
    while not called(square):
        square.stays_loud(1)
    assert len(in_vain(square)) == 5
    assert square.did(Escalation) == [Escalation("leader", 5, LIMIT, LOUD)]
    began = square.t
    for to, wait in (("property", 60), ("police", 120)):
        while to not in called(square):
            square.stays_loud(1)
        # The box may be speaking when the time has come.
        assert wait <= square.t - began <= wait + 8
    square.stays_loud(1800)
    assert called(square) == CALLED


def test_whoever_is_to_wait_is_called_only_in_a_second_that_is_too_loud():
    square = Square({"release": {"calm": 30}})
    while not called(square):
        square.stays_loud(1)
    square.speaks(60)
    square.hears(*[NOT_LOUD] * 20)
    assert called(square) == ["leader"]
    square.hears(LOUD)
    assert called(square) == ["leader", "property"]


def test_nobody_else_is_called_once_it_is_quiet():
    square = Square()
    while not called(square):
        square.stays_loud(1)
    square.speaks()
    square.hears(*[NOT_NEAR] * 300)
    assert called(square) == ["leader"]


def test_warnings_in_vain_add_up_over_incidents_within_their_time():
    """Who obeys for a moment each time is called as well."""
    square = Square()
    for _ in range(3):
        square.stays_loud(10)
        square.speaks()
        square.hears(*[LOUD] * 3)
        square.speaks()
        square.hears(*[NOT_NEAR] * 5)
    assert (len(in_vain(square)), called(square)) == (3, [])
    square.stays_loud(40)
    assert called(square) == ["leader"]
    assert len(in_vain(square)) == 5


def test_four_in_ten_minutes_and_one_later_call_nobody():
    square = Square({"firm": {"gap": 170}})
    square.stays_loud(900)
    assert len(in_vain(square)) >= 4
    assert called(square) == []


def test_warnings_that_led_to_a_call_are_used_up_when_the_incident_ends():
    square = Square()
    while not called(square):
        square.stays_loud(1)
    square.speaks()
    square.hears(*[NOT_NEAR] * 5)
    square.effects.clear()
    while not called(square):
        square.stays_loud(1)
    assert len(in_vain(square)) == 5


def test_whom_to_call_after_how_many_and_how_long_is_the_policys():
    rules = [{"to": "property", "ineffective": 2, "within": 100, "wait": 0}]
    square = Square({"hand_over": rules})
    square.stays_loud(120)
    assert square.did(Escalation) == [Escalation("property", 2, LIMIT, LOUD)]
    square = Square({"hand_over": []})
    square.stays_loud(600)
    assert called(square) == []


def test_the_next_incident_within_half_an_hour_is_a_relapse():
    for quiet, relapsed in ((300, True), (1792, True), (1793, False)):
        square = warned()
        square.hears(NOT_NEAR, NOT_NEAR)
        square.effects.clear()
        square.hears(*[NOT_NEAR] * quiet)
        square.hears(*[LOUD] * 8)
        assert square.did(Relapse) == ([Relapse(quiet + 8)] if relapsed else []), quiet


def test_the_first_incident_and_one_after_blindness_are_no_relapse():
    square = warned()
    assert square.did(Relapse) == []
    square.hears_nothing(30)
    square.hears(*[LOUD] * 12)
    assert square.did(Relapse) == []
    assert square.state.stage == POLITE


def test_amber_in_between_is_no_incident():
    square = Square()
    square.hears(*[NEAR] * 60, *[NOT_NEAR] * 60)
    square.hears(*[LOUD] * 8)
    assert [effect.after for effect in square.did(Stage)] == ["amber", "green", "amber", "red"]
    assert square.did(Relapse) == []
