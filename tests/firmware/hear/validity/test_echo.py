"""What may be the box's own voice, block by block. Runs in both Pythons."""

import pytest

from tamer.hear.validity.echo import Echo

pytestmark = pytest.mark.pure

BLOCKS = 8  # a second
FLOOR = 50.0  # dB, of the square


def energy(level):
    return 10 ** (level / 10)


def spoken(level=90.0):
    """A second of speech is over, with its last block."""
    echo = Echo(125)
    for _ in range(BLOCKS):
        echo.weigh(energy(level), energy(level), True)
    assert echo.end_second()
    return echo


def seconds_marked(echo, levels):
    """Of a level for each block: how many of its seconds in a row are the own voice's."""
    count = 0
    for begin in range(0, len(levels), BLOCKS):
        for level in levels[begin : begin + BLOCKS]:
            if echo.lingers():
                echo.weigh(energy(level), energy(level), False)
        if not echo.end_second():
            return count
        count += 1
    return count


def decay(dB_a_second, level=84.0, seconds=12):
    """Of an echo over a steady square."""
    return [max(FLOOR, level - dB_a_second * block / BLOCKS) for block in range(BLOCKS * seconds)]


def test_without_speech_nothing_is_marked():
    echo = Echo(125)
    assert not echo.lingers()
    assert not echo.end_second()


def test_without_an_echo_the_second_of_the_nearest_fronts_is_marked():
    assert seconds_marked(spoken(), decay(1000)) == 1


def test_an_echo_is_marked_until_it_has_died_away():
    for reverberation in (0.6, 1.0, 1.5, 2.0, 3.0):
        dies = (84 - FLOOR) / 60 * reverberation
        marked = seconds_marked(spoken(), decay(60 / reverberation))
        assert dies <= marked <= dies + 2, reverberation


def test_a_loud_square_is_heard_through_the_echo():
    """The echo would take 3.5 s to die away in a quiet one."""
    loud = [78.0 + 3 * (block % 3) for block in range(BLOCKS * 5)]
    assert seconds_marked(spoken(), loud) == 1


def test_whatever_the_levels_do_nothing_is_marked_for_more_than_6_s():
    for dB_a_second in (5, 10, 16, 17, 18, 20):
        endless = [90 - dB_a_second * block / BLOCKS for block in range(BLOCKS * 20)]
        assert seconds_marked(spoken(), endless) <= 6


def test_the_fast_maximum_is_not_what_the_detector_still_holds_of_the_voice():
    echo = spoken(90.0)
    held = 90.0
    for _ in range(BLOCKS):
        held -= 4.34
        told = echo.weigh(energy(FLOOR), energy(held) + energy(FLOOR), False)
        assert told <= energy(FLOOR) * 1.01


def test_a_bang_after_the_message_is_told_as_loud_as_it_was():
    echo = spoken(70.0)
    echo.weigh(energy(60), energy(69), False)
    assert echo.weigh(energy(88), energy(92), False) == energy(92)


def test_the_length_of_the_echo_is_learned_and_slowly_forgotten():
    echo = Echo(125)
    learned = []
    for reverberation in (2.0, 0.3, 0.3, 0.3):
        for _ in range(BLOCKS):
            echo.weigh(energy(90), energy(90), True)
        for level in decay(60 / reverberation):
            if echo.lingers():
                echo.weigh(energy(level), energy(level), False)
        learned.append(echo.lasts_ms())
    assert 1200 <= learned[0] <= 1700
    assert [learned[i + 1] - learned[i] for i in range(3)] == [-125] * 3
