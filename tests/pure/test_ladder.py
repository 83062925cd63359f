"""The stages: what takes the box from one to the next, and back. Runs in both Pythons."""

from tamer.judge import ladder, rules
from tamer.judge.ladder import AMBER, GREEN, RED, VOICE, Say, Spotlight, Stage
from tamer.record.reading import GAP, MISSING, OWN_VOICE, REASONS, VALID, Second, missing

EVENING = 1795518000 - 3 * 3600  # 2026-11-24 20:00 in China
LIMIT = rules.DEFAULT.day

LOUD = LIMIT + rules.DEFAULT.guard + 1
NOT_LOUD = LIMIT + rules.DEFAULT.guard
NEAR = LIMIT - rules.DEFAULT.near + 1
NOT_NEAR = LIMIT - rules.DEFAULT.near
NOT_QUIET = LIMIT - rules.DEFAULT.hysteresis
QUIET = LIMIT - rules.DEFAULT.hysteresis - 1


class Square:
    """Lets the ladder hear second after second, and keeps what it did."""

    def __init__(self):
        self.state = ladder.START
        self.t = EVENING
        self.effects = []

    def hears(self, *levels, why=VALID):
        """The stage after each second."""
        stages = []
        for level in levels:
            second = Second(self.t, level, level + 20, level + 70, level + 150, why)
            self.state, effects = ladder.step(self.state, second, rules.DEFAULT)
            self.effects += effects
            self.t += 1
            stages.append(self.state.stage)
        return stages

    def speaks(self, seconds=5, level=950):
        return self.hears(*[level] * seconds, why=OWN_VOICE)

    def hears_nothing(self, seconds, why=GAP):
        for _ in range(seconds):
            self.state, effects = ladder.step(self.state, missing(self.t, why), rules.DEFAULT)
            self.effects += effects
            self.t += 1

    def said(self):
        return [effect.number for effect in self.effects if isinstance(effect, Say)]


def in_voice():
    """A square that has just been told for the first time."""
    square = Square()
    square.hears(*[LOUD] * 10)
    assert square.state.stage == VOICE
    square.speaks()
    square.effects.clear()
    return square


def test_a_loud_square_goes_up_the_ladder_one_stage_after_the_other():
    stages = Square().hears(*[LOUD] * 10)
    assert stages == [GREEN] * 4 + [AMBER] * 3 + [RED] * 2 + [VOICE]


def test_going_up_shows_then_lights_then_speaks():
    square = Square()
    square.hears(*[LOUD] * 10)
    assert square.effects == [
        Stage(GREEN, AMBER, LIMIT, LOUD),
        Stage(AMBER, RED, LIMIT, LOUD),
        Spotlight(True),
        Stage(RED, VOICE, LIMIT, LOUD),
        Say(1),
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


def test_thunder_of_three_seconds_triggers_nothing_however_often_it_comes():
    square = Square()
    for _ in range(200):
        assert square.hears(1000, 990, 980, *[NOT_NEAR] * 5) == [GREEN] * 8
    assert square.effects == []


def test_what_is_over_the_limit_within_the_guard_band_is_never_told():
    square = Square()
    assert set(square.hears(*[NOT_LOUD] * 600)) == {GREEN, AMBER}


def test_amber_ends_after_five_seconds_in_a_row_not_near_the_limit():
    square = Square()
    square.hears(*[NEAR] * 5)
    assert square.hears(*[NOT_NEAR] * 4, NEAR, *[NOT_NEAR] * 5) == [AMBER] * 9 + [GREEN]


def test_red_without_a_loud_second_does_not_speak_and_ends_after_five():
    square = Square()
    square.hears(*[LOUD] * 8)
    assert square.hears(*[QUIET] * 5) == [RED] * 4 + [GREEN]
    assert square.effects[-1] == Spotlight(False)
    assert square.said() == []


def test_red_ends_in_amber_where_it_is_not_quiet_yet():
    square = Square()
    square.hears(*[LOUD] * 8)
    assert square.hears(*[NOT_QUIET] * 5) == [RED] * 4 + [AMBER]


def test_two_quiet_seconds_after_a_message_release_the_square():
    square = in_voice()
    assert square.hears(QUIET, QUIET) == [VOICE, GREEN]
    assert square.effects == [Stage(VOICE, GREEN, LIMIT, QUIET), Spotlight(False)]


def test_one_quiet_second_does_not_release():
    assert in_voice().hears(QUIET, NOT_QUIET) == [VOICE, VOICE]


def test_quiet_from_before_the_message_does_not_release():
    square = in_voice()
    square.hears(QUIET)
    square.speaks()
    assert square.hears(QUIET) == [VOICE]
    assert square.hears(QUIET) == [GREEN]


def test_five_seconds_that_are_not_loud_release_to_amber():
    assert in_voice().hears(*[NOT_LOUD] * 5) == [VOICE] * 4 + [AMBER]


def test_a_message_is_repeated_after_three_heard_seconds_while_still_loud():
    square = in_voice()
    for number in (2, 3, 4):
        square.hears(LOUD, LOUD)
        assert square.effects == []
        square.hears(LOUD)
        assert square.effects == [Say(number)]
        square.effects.clear()
        square.speaks()


def test_a_message_is_not_repeated_when_most_of_the_three_seconds_were_not_loud():
    square = in_voice()
    square.hears(LOUD, NOT_LOUD, NOT_LOUD)
    assert square.effects == []


def test_messages_are_counted_anew_in_the_next_incident():
    square = in_voice()
    square.hears(*[LOUD] * 3)
    square.speaks()
    square.hears(*[QUIET] * 10)
    square.hears(*[LOUD] * 10)
    assert square.said() == [2, 1]


def test_a_released_square_must_be_loud_for_long_again_before_it_is_told_again():
    square = in_voice()
    square.hears(QUIET, QUIET)
    assert square.hears(*[LOUD] * 10).count(VOICE) == 1


def test_the_own_voice_changes_neither_stage_nor_light_and_says_nothing():
    square = Square()
    for before in range(12):
        stage, done = square.state.stage, len(square.effects)
        square.speaks(20, level=1200)
        assert (square.state.stage, len(square.effects)) == (stage, done), before
        square.hears(LOUD)


def test_a_box_that_hears_only_itself_stays_green():
    square = Square()
    assert set(square.speaks(3600)) == {GREEN}
    assert square.effects == []


def test_no_invalid_second_takes_the_box_up_the_ladder():
    for why in range(1, len(REASONS)):
        square = Square()
        assert set(square.hears(*[LOUD] * 60, why=why)) == {GREEN}, REASONS[why]
        assert square.effects == []


def test_invalid_seconds_between_valid_ones_count_for_nothing():
    square = Square()
    stages = []
    for _ in range(8):
        stages += square.hears(LOUD)
        square.hears_nothing(2)
    assert stages == [GREEN] * 4 + [AMBER] * 3 + [RED]


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
        assert square.effects[1:] == ([] if stage == AMBER else [Spotlight(False)])


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
    assert square.hears(*[LOUD] * 7) == [GREEN] * 4 + [AMBER] * 3
