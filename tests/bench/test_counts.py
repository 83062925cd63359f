"""What a simulated second costs, in counts: they do not depend on the machine."""

import pytest
from counted import CountedBox, counted

from noisetamer.virtual import pipe
from noisetamer.virtual.firmware_process import Tier

pytestmark = pytest.mark.bench

SECONDS = 60
LEVELS_SECONDS = 600


@pytest.fixture(scope="module")
def in_sound() -> CountedBox:
    return counted("quiet_night", SECONDS, Tier.AUDIO)


@pytest.fixture(scope="module")
def in_levels() -> CountedBox:
    return counted("quiet_night", LEVELS_SECONDS, Tier.LEVELS)


def test_four_quiet_seconds_of_sound_are_one_round_trip(in_sound: CountedBox):
    # Fewer at the begin, and where the square's next seconds are not planned yet; the one that
    # would begin after the end is asked for, too.
    assert in_sound.kinds[pipe.SAMPLES] <= SECONDS / 4 + 4


def test_levels_are_told_a_minute_and_more_at_once(in_levels: CountedBox):
    assert in_levels.kinds[pipe.LEVELS] <= LEVELS_SECONDS // 60


def test_sound_goes_over_the_pipe_once_in_32_bit_words(in_sound: CountedBox):
    # Before each answer how many blocks it has.
    assert in_sound.to_box == 48_000 * 4 * SECONDS + in_sound.kinds[pipe.SAMPLES] - 1


def test_a_second_of_levels_is_eight_bytes(in_levels: CountedBox):
    # Before each answer how many it has; the second after the end; once, that there is no wind.
    assert in_levels.to_box <= 8 * (LEVELS_SECONDS + 1) + in_levels.kinds[pipe.LEVELS] + 10
    assert in_levels.kinds[pipe.SIDE_CHANNEL] == 1


@pytest.mark.parametrize(
    ("tier", "seconds"), [("in_sound", SECONDS), ("in_levels", LEVELS_SECONDS)]
)
def test_a_quiet_second_is_one_picture_and_one_line_and_nothing_else(
    tier: str, seconds: int, request
):
    box: CountedBox = request.getfixturevalue(tier)
    assert box.kinds[pipe.PIXELS] <= seconds
    assert box.kinds[pipe.CONSOLE] <= seconds + 2
    assert set(box.kinds) <= {
        pipe.SAMPLES,
        pipe.LEVELS,
        pipe.SIDE_CHANNEL,
        pipe.PIXELS,
        pipe.CONSOLE,
    }


@pytest.mark.parametrize(
    ("tier", "seconds", "most"),
    [("in_sound", SECONDS, 1200), ("in_levels", LEVELS_SECONDS, 1000)],
)
def test_what_a_box_tells_in_a_second_is_little_more_than_its_picture(
    tier: str, seconds: int, most: int, request
):
    box: CountedBox = request.getfixturevalue(tier)
    assert box.from_box < most * seconds
