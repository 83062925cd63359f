"""Any recording becomes a message as loud as the others, or is refused with the reason."""

import numpy as np
import pyloudnorm
import pytest
from recorded import RATE, voice

from noisetamer.base.errors import UserError
from noisetamer.unit.voice.prepare import LOUDNESS, prepare


def refused(sound: np.ndarray, rate: int = RATE) -> str:
    with pytest.raises(UserError) as error:
        prepare(sound, rate, "evening.wav")
    assert str(error.value).startswith("evening.wav: ")
    return str(error.value)


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("gain", [0.02, 1.9])
def test_of_any_rate_and_level_it_has_the_loudness_of_all(rate: int, gain: float):
    made = prepare(gain * voice(2, rate), rate, "evening.wav")
    found = pyloudnorm.Meter(RATE).integrated_loudness(made.samples / 32768)
    assert found == pytest.approx(LOUDNESS, abs=0.1)
    assert made.loudness == pytest.approx(found, abs=0.06)
    assert made.length == pytest.approx(2, abs=0.03)


def test_high_peaks_are_taken_down_and_what_is_around_them_keeps_its_shape():
    sound = voice(3)
    sound[20_000] = 3.0
    made = prepare(sound / 3, RATE, "evening.wav")
    assert np.abs(made.samples).max() <= 32768 * 10 ** (-1 / 20)
    assert made.loudness == pytest.approx(LOUDNESS, abs=0.3)
    untouched = prepare(voice(3), RATE, "evening.wav").samples
    correlation = np.corrcoef(made.samples[22_000:], untouched[22_000:])[0, 1]
    assert correlation > 0.999


def test_the_silence_before_and_after_is_cut_off():
    silence = np.zeros(RATE)
    made = prepare(np.concatenate((silence, voice(2), silence)), RATE, "evening.wav")
    assert made.length == pytest.approx(2, abs=0.05)


def test_direct_current_does_not_count_as_sound():
    with_dc = prepare(voice(2) + 0.3, RATE, "evening.wav").samples
    assert abs(np.mean(with_dc)) < 100


def test_a_clipped_recording_is_refused_however_quiet_it_was_made_afterwards():
    for gain in (1.0, 0.1):
        assert "is clipped" in refused(gain * np.clip(3 * voice(2), -1, 1))


def test_one_peak_at_full_scale_is_no_clipping():
    prepare(voice(2) / np.abs(voice(2)).max(), RATE, "evening.wav")


def test_silence_is_refused():
    assert "is silent" in refused(np.zeros(RATE))
    assert "is silent" in refused(1e-4 * voice(2))


@pytest.mark.parametrize(("seconds", "why"), [(15.5, "lasts 15.5 s"), (0.2, "lasts 0.2")])
def test_too_long_and_too_short_are_refused(seconds: float, why: str):
    assert why in refused(voice(seconds))


@pytest.mark.parametrize("frequency", [60, 200, 5000])
def test_what_has_no_energy_where_speech_is_understood_is_refused(frequency: int):
    hum = 0.3 * np.sin(2 * np.pi * frequency * np.arange(2 * RATE) / RATE)
    assert "300 and 3400 Hz" in refused(hum + 0.01 * voice(2))
