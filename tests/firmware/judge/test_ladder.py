"""The stages: what takes the box from one to the next, and back. Runs in both Pythons."""

import pytest
from judged_square import (
    EVENING,
    LIMIT,
    LOUD,
    MIDNIGHT,
    NEAR,
    NOT_LOUD,
    NOT_NEAR,
    NOT_QUIET,
    QUIET,
    Square,
    warned,
)

from tamer.judge.ladder import (
    AMBER,
    FIRM,
    GREEN,
    POLITE,
    RED,
    STAGES,
    TOO_LOUD,
    Say,
    SetSpotlight,
    Stage,
    Sudden,
)
from tamer.record.reading import CLOCK, MISSING, REASONS, Second

pytestmark = pytest.mark.pure


def test_a_loud_square_goes_up_the_ladder_one_stage_after_the_other():
    stages = Square().hears(*[LOUD] * 10)
    assert stages == [GREEN] * 4 + [AMBER] * 3 + [RED] * 2 + [POLITE]


def test_going_up_shows_then_lights_then_speaks():
    square = Square()
    square.hears(*[LOUD] * 10)
    assert square.effects == [
        Stage(GREEN, AMBER, LIMIT, LOUD),
        Stage(AMBER, RED, LIMIT, LOUD),
        SetSpotlight(True),
        Stage(RED, POLITE, LIMIT, LOUD),
        Say(POLITE, "polite_zh", 1, 0),
    ]


def test_amber_after_five_of_eight_seconds_near_the_limit():
    for pattern in range(256):
        levels = [NEAR if pattern >> i & 1 else NOT_NEAR for i in range(8)]
        amber = AMBER in Square().hears(*levels)
        assert amber == (bin(pattern).count("1") >= 5), bin(pattern)


def test_red_after_exactly_eight_of_ten_loud_seconds():
    for pattern in range(1024):
        levels = [LOUD if pattern >> i & 1 else NOT_LOUD for i in range(10)]
        red = RED in Square().hears(*levels)
        assert red == (bin(pattern).count("1") >= 8), bin(pattern)


def test_what_goes_up_how_soon_is_the_policys():
    square = Square({"trigger": {"over": 3, "of": 4}, "polite": {"after": 0}})
    assert square.hears(LOUD, LOUD, NOT_LOUD, LOUD, LOUD) == [GREEN] * 3 + [RED, POLITE]


def test_the_trigger_looks_at_the_quantity_of_the_policy():
    # Square.hears gives LAFmax 2 dB over LAeq, LCeq 7 dB over it.
    for quantity, above in (("LAeq", 0), ("LAFmax", 20), ("LCeq", 70)):
        square = Square({"trigger": {"quantity": quantity}})
        assert RED not in square.hears(*[NOT_LOUD - above] * 20), quantity
        assert RED in square.hears(*[LOUD - above] * 8), quantity
        assert square.did(Stage)[1] == Stage(AMBER, RED, LIMIT, LOUD)


def test_thunder_of_three_seconds_triggers_nothing_however_often_it_comes():
    square = Square()
    for _ in range(200):
        assert square.hears(1000, 990, 980, *[NOT_NEAR] * 5) == [GREEN] * 8
    assert square.effects == []


def test_a_steady_decibel_over_limit_and_guard_band_is_spoken_to():
    square = Square()
    square.stays_loud(60)
    assert square.state.stage == FIRM


def test_what_is_over_the_limit_within_the_guard_band_is_never_told():
    square = Square()
    assert set(square.hears(*[NOT_LOUD] * 600)) == {GREEN, AMBER}
    assert square.said() == []


def test_amber_ends_after_five_seconds_in_a_row_not_near_the_limit():
    square = Square()
    square.hears(*[NEAR] * 5)
    assert square.hears(*[NOT_NEAR] * 4, NEAR, *[NOT_NEAR] * 5) == [AMBER] * 9 + [GREEN]


def test_red_without_a_loud_second_does_not_speak_and_ends_after_five():
    square = Square()
    square.hears(*[LOUD] * 8)
    assert square.hears(*[NOT_NEAR] * 5) == [RED] * 4 + [GREEN]
    assert square.effects[-1] == SetSpotlight(False)
    assert square.said() == []


def test_red_ends_in_amber_where_the_limit_is_still_near():
    square = Square()
    square.hears(*[LOUD] * 8)
    assert square.hears(*[NEAR] * 5) == [RED] * 4 + [AMBER]


def test_two_quiet_seconds_after_a_message_release_the_square():
    square = warned()
    assert square.hears(NOT_NEAR, NOT_NEAR) == [POLITE, GREEN]
    assert square.did(Stage, SetSpotlight) == [
        Stage(POLITE, GREEN, LIMIT, NOT_NEAR),
        SetSpotlight(False),
    ]


def test_one_quiet_second_does_not_release():
    assert warned().hears(QUIET, NOT_QUIET) == [POLITE, POLITE]


def test_quiet_from_before_the_message_does_not_release():
    square = warned()
    square.hears(QUIET)
    square.speaks()
    assert square.hears(QUIET) == [POLITE]
    assert square.hears(QUIET) == [AMBER]


def test_five_seconds_that_are_not_loud_release_to_amber():
    assert warned().hears(*[NOT_LOUD] * 5) == [POLITE] * 4 + [AMBER]


def test_between_quiet_and_near_nothing_flaps():
    """2 dB below the limit it is quiet, 3 dB below it is near: in between it stays amber."""
    for level in range(NEAR - 5, NOT_LOUD + 1):
        square = warned()
        stages = square.hears(*[level] * 600)
        changes = [i for i in range(1, 600) if stages[i] != stages[i - 1]]
        assert len(changes) <= 1, level


def test_whatever_the_margins_no_steady_level_flaps():
    for near in (0, 1, 3, 6):
        for hysteresis in (0, 1, 2, 5):
            for level in range(LIMIT - 80, LIMIT + 60, 5):
                square = Square({"near": near, "hysteresis": hysteresis})
                square.hears(*[LOUD] * 10)
                square.speaks()
                square.effects.clear()
                while square.did(Stage) == [] and len(square.said()) < 3:
                    square.hears(level)
                square.hears(*[level] * 60)
                downward = [s for s in square.did(Stage) if s.before in TOO_LOUD]
                assert len([s for s in downward if s.after not in TOO_LOUD]) <= 1


def test_a_message_is_repeated_after_three_heard_seconds_while_still_loud():
    square = warned()
    for number in (2, 3, 4):
        square.hears(LOUD, LOUD)
        assert square.said() == []
        square.hears(LOUD)
        assert square.said() == [number]
        square.effects.clear()
        square.speaks()


def test_the_polite_voice_comes_first_the_firm_one_after_it_until_the_level_drops():
    square = Square({"polite": {"times": 2, "message": "please"}, "firm": {"message": "stop"}})
    square.stays_loud(80)
    said = [(effect.stage, effect.message) for effect in square.did(Say)]
    assert said[:2] == [(POLITE, "please")] * 2
    assert len(said) > 4
    assert set(said[2:]) == {(FIRM, "stop")}
    assert Stage(POLITE, FIRM, LIMIT, LOUD) in square.effects


def test_without_a_polite_voice_the_firm_one_begins():
    square = Square({"polite": {"times": 0}})
    assert square.hears(*[LOUD] * 10)[-3:] == [RED, RED, FIRM]


def test_a_message_is_not_repeated_when_most_of_the_three_seconds_were_not_loud():
    square = warned()
    square.hears(LOUD, NOT_LOUD, NOT_LOUD)
    assert square.effects == []


def test_messages_are_counted_anew_in_the_next_incident():
    square = warned()
    square.hears(*[LOUD] * 3)
    square.speaks()
    square.hears(*[NOT_NEAR] * 10)
    square.hears(*[LOUD] * 10)
    assert square.said() == [2, 1]


def test_a_released_square_must_be_loud_for_long_again_before_it_is_told_again():
    square = warned()
    square.hears(QUIET, QUIET)
    assert square.hears(*[LOUD] * 10).count(POLITE) == 1


def test_the_own_voice_changes_neither_stage_nor_light_and_says_nothing():
    square = Square()
    for before in range(12):
        stage, done = square.state.stage, len(square.effects)
        square.speaks(20, level=1200)
        assert (square.state.stage, len(square.effects)) == (stage, done), before
        square.hears(LOUD)


def test_the_own_voice_neither_shifts_nor_ages_what_was_heard():
    """A message in the middle, or none: the same seconds decide."""
    for length in (1, 60, 3000):
        square = Square()
        square.hears(*[LOUD] * 5)
        square.speaks(length)
        assert square.hears(*[LOUD] * 3) == [AMBER, AMBER, RED]


def test_a_box_that_hears_only_itself_stays_green():
    square = Square()
    assert set(square.speaks(3600)) == {GREEN}
    assert square.effects == []


def test_no_invalid_second_takes_the_box_up_the_ladder():
    for why in range(1, len(REASONS)):
        if why != CLOCK:
            square = Square()
            assert set(square.hears(*[LOUD] * 60, why=why)) == {GREEN}, REASONS[why]
            assert square.effects == []


def test_a_second_of_which_only_the_time_is_unknown_does():
    assert Square().hears(*[LOUD] * 60, why=CLOCK) == Square().hears(*[LOUD] * 60)


def test_invalid_seconds_between_valid_ones_count_for_nothing():
    square = Square()
    stages = []
    for _ in range(8):
        stages += square.hears(LOUD)
        square.hears_nothing(1)
    assert stages == [GREEN] * 4 + [AMBER] * 3 + [RED]


def test_ten_valid_seconds_decide_only_if_they_lie_within_thirty():
    for nothing, expected in ((20, True), (21, False)):
        square = Square()
        square.hears(LOUD, LOUD)
        square.hears_nothing(nothing)
        assert (RED in square.hears(*[LOUD] * 8)) == expected, nothing


def test_a_second_in_three_is_enough_and_less_is_not():
    for nothing, expected in ((2, True), (3, False)):
        square = Square(heard_before=False)
        stages = []
        for _ in range(200):
            stages += square.hears(LOUD)
            square.hears_nothing(nothing)
        assert (RED in stages) == expected, nothing
        assert (AMBER in stages) == expected, nothing


def test_a_box_that_has_just_started_decides_nothing_before_it_has_heard_enough():
    square = Square(heard_before=False)
    stages = square.hears(*[LOUD] * 12)
    assert stages == [GREEN] * 7 + [AMBER] * 2 + [RED] * 2 + [POLITE]


def test_blind_for_thirty_seconds_gives_up_every_stage():
    for loud in (5, 8, 10):
        square = Square()
        square.hears(*[LOUD] * loud)
        stage = square.state.stage
        square.effects.clear()
        square.hears_nothing(29)
        assert (square.state.stage, square.effects) == (stage, [])
        square.hears_nothing(1)
        assert square.effects[0] == Stage(stage, GREEN, LIMIT, MISSING)
        assert square.effects[1:] == ([] if stage == AMBER else [SetSpotlight(False)])


def test_speaking_is_not_blindness():
    square = Square()
    square.hears(*[LOUD] * 10)
    for _ in range(4):
        square.hears_nothing(20)
        square.speaks(20)
    assert square.state.stage == POLITE


def test_a_valid_second_in_between_is_not_blindness():
    square = Square()
    square.hears(*[LOUD] * 8)
    for _ in range(4):
        square.hears_nothing(29)
        square.hears(NOT_LOUD)
    assert square.state.stage == RED


def test_nothing_heard_before_blindness_counts_after_it():
    square = Square()
    square.hears(*[LOUD] * 9)
    square.hears_nothing(30)
    assert square.hears(*[LOUD] * 8) == [GREEN] * 7 + [AMBER]


def test_the_spotlight_follows_the_policys_hours_in_mid_incident():
    square = Square({"spotlight": {"off": [["20:01", "20:02"]]}})
    square.stays_loud(180)
    assert square.state.lit
    assert [effect.on for effect in square.did(SetSpotlight)] == [True, False, True]


def test_where_the_policy_has_no_spotlight_none_is_lit():
    square = Square({"red": {"spotlight": False}})
    square.stays_loud(60)
    square.hears(*[QUIET] * 5)
    assert square.did(SetSpotlight) == []


def test_a_sudden_noise_at_night_is_told_once_a_minute_and_never_spoken_to():
    square = Square(t=MIDNIGHT)
    night = LIMIT - 100
    for _ in range(180):
        square.takes(Second(square.t, night - 100, night + 151, night, night, 0))
    assert square.effects == [Sudden(night + 151, night + 150)] * 3
    assert square.state.stage == GREEN


def test_what_is_sudden_at_night_is_not_by_day_nor_at_the_limit_of_it():
    for t, LAFmax in ((EVENING, 1000), (MIDNIGHT, LIMIT - 100 + 150)):
        square = Square(t=t)
        square.takes(Second(t, 400, LAFmax, 500, LAFmax, 0))
        assert square.effects == []


def test_no_exceedance_is_called_that_is_not_3_dB_over_the_background():
    """A road of 64 dB, measured in the policy's quiet time, and a square beside it."""
    table = {"background": {"hours": [["19:30", "20:00"]]}}
    # Without the road 66.4 dB cannot be told, 68 dB are 66 dB and 69 dB are 67 dB.
    for level, expected in ((664, AMBER), (680, AMBER), (690, POLITE)):
        square = Square(table, EVENING - 900, heard_before=False)
        square.hears(*[640] * 900)
        assert square.hears(*[level] * 12)[-1] == expected, level


def test_every_stage_has_been_seen_here():
    square = Square()
    stages = set(square.hears(*[LOUD] * 10))
    square.speaks()
    assert stages | set(square.hears(LOUD, LOUD, LOUD)) == set(STAGES)
