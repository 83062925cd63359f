"""The box speaks and goes on measuring; it never takes itself for the square."""

import wave
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest
from stand import ON_BOX, START, Ran, Stand

from noisetamer.places import FIRMWARE
from tamer.record.reading import MISSING, OWN_VOICE, POWER, VALID, reason

MESSAGE = FIRMWARE / "voices" / "warning_zh.wav"
# The square's echo, s: as documented in tamer.act.voice, which needs a box to be imported.
ECHO = 0.6
LOUD_DB = 75.0


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A square that never gets quiet, until it has been told four times."""
    return Stand(tmp_path_factory.mktemp("stand")).run(62, tone_dB=LOUD_DB)


def message() -> np.ndarray:
    with wave.open(str(MESSAGE)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def sounding(ran: Ran) -> list[tuple[float, float]]:
    """From when to when each message sounded, s after power-on."""
    spans: list[tuple[float, float]] = []
    for us, rate, samples in ran.played:
        (loud,) = np.nonzero(samples)
        if not len(loud):
            continue
        first, last = us / 1e6 + loud[0] / rate, us / 1e6 + loud[-1] / rate
        if spans and first - spans[-1][1] < 1:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return spans


def own_voice_spans(ran: Ran) -> list[tuple[int, int]]:
    """First second and the one after the last of each stretch that is marked as own voice."""
    marked = [second.t - START for second in ran.seconds() if reason(second) == OWN_VOICE]
    stretches = groupby(enumerate(marked), lambda at: at[1] - at[0])
    return [(part[0][1], part[-1][1] + 1) for part in (list(group) for _, group in stretches)]


def test_every_sample_of_the_message_leaves_the_loudspeaker_once_and_in_order(ran: Ran):
    spoken = np.concatenate([samples for _, _, samples in ran.played])
    words = np.trim_zeros(message())
    begin = int(np.nonzero(spoken)[0][0])
    assert (spoken[begin : begin + len(words)] == words).all()


def test_the_box_measures_through_its_own_voice(ran: Ran):
    seconds = ran.seconds()
    assert ran.samples_lost() == 0
    assert {reason(second) for second in seconds} == {POWER, VALID, OWN_VOICE}
    assert MISSING not in {second.LAeq for second in seconds}


def test_every_second_with_speech_or_its_echo_is_marked(ran: Ran):
    marked = own_voice_spans(ran)
    assert len(marked) >= 3
    for (first, last), (begin, end) in zip(sounding(ran), marked, strict=True):
        assert begin <= first
        assert last + ECHO <= end


def test_the_echo_is_taken_for_the_own_voice_until_it_has_died_away(tmp_path: Path):
    told = Stand(tmp_path, ON_BOX / "main_echo.py").run(30).records()
    assert told == [[ms, int(ms < 1000 * ECHO)] for ms in range(0, 1000, 100)]


def test_at_most_the_length_of_the_message_and_two_seconds_are_lost_to_it(ran: Ran):
    length = len(message()) / 16000
    for begin, end in own_voice_spans(ran):
        assert end - begin <= length + 2


def test_between_two_messages_the_square_is_heard_for_three_seconds(ran: Ran):
    spans = own_voice_spans(ran)
    pauses = [begin - end for (_, end), (begin, _) in pairwise(spans)]
    assert pauses
    assert set(pauses) == {3}


def test_beginning_and_end_of_each_message_are_told_with_its_number(ran: Ran):
    begun, ended = ran.events("warning"), ran.events("spoken")
    assert [event["number"] for event in begun] == list(range(1, len(begun) + 1))
    assert {event["message"] for event in begun + ended} == {"warning_zh"}
    for first, last, (begin, end) in zip(begun, ended, own_voice_spans(ran), strict=True):
        assert "failed" not in last
        assert first["t"] - START == begin
        assert begin < last["t"] - START < end


def test_a_message_that_is_not_there_is_told_and_the_box_goes_on(tmp_path: Path):
    ran = Stand(tmp_path, message="no_such").run(30, tone_dB=LOUD_DB)
    assert all("failed" in event for event in ran.events("spoken"))
    assert len(ran.events("spoken")) > 1
    assert len(ran.seconds()) >= 29
