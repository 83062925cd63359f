import numpy as np
import pytest
from calibrator_sound import FULL_SCALE, hiss, tone

from noisetamer.sound.tone import Tone, analyse

# What a unit sends of each second.
SENT = 2048


def of(sound: np.ndarray) -> Tone:
    # In the 16 bits in which it is sent.
    found = analyse(np.floor(sound[:SENT] * 2**15) / 2**15)
    assert found is not None
    return found


@pytest.mark.parametrize("hertz", [245.0, 250.0, 251.19, 980.0, 1000.0, 1000.4, 1020.0])
def test_frequency_and_level_from_a_twentieth_of_a_second(hertz: float):
    found = of(tone(94.0, hertz) + hiss(60.0))
    assert found.frequency == pytest.approx(hertz, rel=2e-4)
    assert found.level == pytest.approx(94.0 - FULL_SCALE, abs=0.02)


def test_distortion_is_the_sum_of_harmonics():
    found = of(tone(94.0) + 0.03 * tone(94.0, 2000.0) + 0.04 * tone(94.0, 3000.0))
    assert found.distortion == pytest.approx(5.0, abs=0.1)


def test_noise_beside_the_tone_is_its_rest():
    found = of(tone(94.0) + hiss(64.0))
    # White noise over 24 kHz reads 2.7 dB less in A.
    assert found.rest_A == pytest.approx(-32.7, abs=1.0)
    assert found.rest_C == pytest.approx(-34.2, abs=1.0)
    assert found.distortion < 0.6


def test_rumble_is_little_of_the_rest_that_is_a_weighted():
    found = of(tone(94.0) + tone(84.0, 63.0))
    assert found.frequency == pytest.approx(1000.0, abs=0.1)
    assert found.rest_A == pytest.approx(-36.0, abs=1.0)
    assert found.rest_C == pytest.approx(-11.0, abs=1.0)


def test_silence_has_no_tone():
    assert analyse(np.zeros(SENT)) is None
