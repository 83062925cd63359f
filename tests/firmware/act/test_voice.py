"""The box speaks and goes on measuring; it never takes itself for the square."""

from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from folders import ON_BOX
from stand import START, Ran, Stand

from noisetamer.base.paths import FIRMWARE
from noisetamer.unit.voice import catalogue
from tamer.record.reading import MISSING, OWN_VOICE, POWER, VALID, reason

pytestmark = pytest.mark.device

VOICES = FIRMWARE / "voices"
RATE = 16_000
FADE = 160  # samples in which a message rises and falls
END = RATE // 10  # not compared: any other tool plays what fills up the last block, too
# What comes back from the nearest house fronts, s.
NEAREST = 0.25
LOUD_DB = 75.0


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A square that never gets quiet, and is told some four times."""
    return Stand(tmp_path_factory.mktemp("stand")).run(62, tone_dB=LOUD_DB)


def message(name: str) -> np.ndarray:
    return soundfile.read(VOICES / f"{name}.wav", dtype="int16")[0]


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
    """First second and the one after the last of each stretch that is marked as own voice, and
    that has come to its end."""
    heard = [second.t - START for second in ran.seconds()]
    marked = [second.t - START for second in ran.seconds() if reason(second) == OWN_VOICE]
    stretches = groupby(enumerate(marked), lambda at: at[1] - at[0])
    spans = [(part[0][1], part[-1][1] + 1) for part in (list(group) for _, group in stretches)]
    return [(begin, end) for begin, end in spans if end in heard]


def test_every_sample_of_each_message_leaves_the_loudspeaker_once_and_in_order(ran: Ran):
    spoken = np.concatenate([samples for _, _, samples in ran.played]).tobytes()
    at = 0
    for event in ran.events("spoken"):
        words = message(event["message"])[FADE:-END].tobytes()
        begin = spoken.find(words, at)
        assert begin >= 0
        assert not any(spoken[at + 2 * END : begin - 2 * FADE]), "something was said before"
        at = begin + len(words)


def test_the_box_measures_through_its_own_voice(ran: Ran):
    seconds = ran.seconds()
    assert ran.samples_lost() == 0
    assert {reason(second) for second in seconds} == {POWER, VALID, OWN_VOICE}
    assert MISSING not in {second.LAeq for second in seconds}


def test_no_sample_is_lost_over_many_messages_from_a_slow_flash(tmp_path: Path):
    """Each piece of a message keeps the box for 20 ms, ten times what reading it should take."""
    ran = Stand(tmp_path, ON_BOX / "main_slow_flash.py", slow_ms=20).run(130, tone_dB=LOUD_DB)
    assert len(ran.events("spoken")) >= 9
    assert ran.samples_lost() == 0
    assert {reason(second) for second in ran.seconds()} == {POWER, VALID, OWN_VOICE}
    gaps = [later - sooner for (_, sooner), (later, _) in pairwise(sounding(ran))]
    assert min(gaps) > 1, "a message had a hole in it"


def test_every_second_with_speech_or_the_nearest_echo_is_marked(ran: Ran):
    marked = own_voice_spans(ran)
    assert len(marked) >= 3
    for (first, last), (begin, end) in zip(sounding(ran), marked, strict=False):
        assert begin <= first
        assert last + NEAREST <= end


def test_at_most_the_length_of_the_message_and_two_seconds_are_lost_to_it(ran: Ran):
    spans = own_voice_spans(ran)
    for event, (begin, end) in zip(ran.events("spoken"), spans, strict=False):
        assert end - begin <= len(message(event["message"])) / RATE + 2


def test_between_two_messages_the_square_is_heard_for_three_seconds(ran: Ran):
    spans = own_voice_spans(ran)
    pauses = [begin - end for (_, end), (begin, _) in pairwise(spans)]
    assert pauses
    assert set(pauses) == {3}


def test_beginning_and_end_of_each_message_are_told_with_its_number(ran: Ran):
    begun, ended, spans = ran.events("warning"), ran.events("spoken"), own_voice_spans(ran)
    assert len(spans) >= 3
    assert [event["number"] for event in begun] == list(range(1, len(begun) + 1))
    for first, last, (begin, end) in zip(begun, ended, spans, strict=False):
        assert "failed" not in last
        assert first["t"] - START == begin
        assert begin < last["t"] - START < end


def test_after_a_message_that_is_not_there_the_next_one_is_spoken(tmp_path: Path):
    ran = speak(tmp_path, any_wave(), volume=0, before="no_such")
    assert ran.records()[-1] == "no_such cannot be spoken"
    assert len(sounding(ran)) == 1


def test_a_message_at_full_scale_from_end_to_end_makes_no_click(tmp_path: Path):
    """No step between two samples is larger than 1 % of full scale, silence around included."""
    ran = speak(tmp_path, np.full(RATE // 8, 32767, np.int16), volume=0)
    heard = np.concatenate([samples for _, _, samples in ran.played]).astype(np.int32)
    assert heard.max() == 32767
    assert heard[0] == heard[-1] == 0
    assert np.abs(np.diff(heard)).max() <= 0.01 * 32768


@pytest.mark.parametrize("volume", [-12, 0])
def test_a_message_leaves_at_the_volume_it_was_given(tmp_path: Path, volume: int):
    wave = any_wave()
    ran = speak(tmp_path, wave, volume)
    heard = np.concatenate([samples for _, _, samples in ran.played])
    middle = np.trim_zeros(heard)[2 * FADE : -2 * FADE].astype(float)
    level = 10 * np.log10(np.mean(middle**2) / np.mean(wave[2 * FADE :].astype(float) ** 2))
    assert level == pytest.approx(volume, abs=0.01)


def test_the_messages_there_are_and_how_long_they_last(tmp_path: Path):
    (lengths,) = speak(tmp_path, any_wave(), volume=0).records()
    shipped = catalogue.entries(VOICES)
    assert list(lengths) == sorted([*shipped, "made"])
    assert lengths["made"] == 0.25
    for name, entry in shipped.items():
        assert lengths[name] == pytest.approx(entry.length, abs=0.01)


def any_wave() -> np.ndarray:
    """A quarter of a second."""
    return np.round(20_000 * np.sin(np.arange(RATE // 4) / 3)).astype(np.int16)


def speak(folder: Path, samples: np.ndarray, volume: int, before: str = "") -> Ran:
    """A box that speaks one message made of 16-bit samples and ends.

    `before`: another message that it tries first.
    """
    voice = folder / "made.wav"
    soundfile.write(voice, samples, RATE, subtype="PCM_16")
    plan = {"made": voice.read_bytes().hex(), "volume": volume, "before": before}
    return Stand(folder, ON_BOX / "main_speak.py", **plan).run(30)
