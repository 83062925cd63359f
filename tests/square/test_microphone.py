"""The microphone: stated sensitivity, noise floor, corner, overload; blocks of any size."""

import numpy as np
import pytest
from exact_meter import measured

from noisetamer.square.levels import REFERENCE_PA
from noisetamer.square.microphone import FULL_SCALE, Microphone
from noisetamer.square.scenario_parts import MicrophoneSettings

RATE = 48_000


def tone(level, frequency=1000, seconds=1):
    amplitude = np.sqrt(2) * REFERENCE_PA * 10 ** (level / 20)
    times = np.arange(seconds * RATE) / RATE
    return (amplitude * np.sin(2 * np.pi * frequency * times)).astype(np.float32)


def amplitude(counts):
    """Amplitude of the sine in the last half second, re full scale."""
    settled = (counts[len(counts) // 2 :] >> 8) / FULL_SCALE
    return np.sqrt(2) * np.std(settled)


def test_94_dB_at_1_kHz_gives_the_stated_sensitivity():
    counts = Microphone(MicrophoneSettings(sensitivity_dBFS=-26), 1).capture(tone(94))
    assert counts.dtype == np.int32
    assert 20 * np.log10(amplitude(counts)) == pytest.approx(-26, abs=0.01)


def test_samples_are_24_bits_left_aligned_in_32():
    counts = Microphone(MicrophoneSettings(), 1).capture(tone(80))
    assert not (counts & 0xFF).any()


def test_self_noise_has_its_stated_level_in_dBA():
    settings = MicrophoneSettings(noise_floor_dBA=33)
    counts = Microphone(settings, 1).capture(np.zeros(4 * RATE, dtype=np.float32))
    pascal = tone(94).max() * (counts >> 8) / (FULL_SCALE * 10 ** (-26 / 20))
    assert measured(pascal - pascal.mean())[1].LAeq == pytest.approx(33, abs=0.2)


def test_the_low_corner_takes_3_dB():
    microphone = Microphone(MicrophoneSettings(low_corner_Hz=60), 1)
    counts = microphone.capture(tone(94, 60, 2))
    assert 20 * np.log10(amplitude(counts)) == pytest.approx(-29.0, abs=0.1)


def test_a_sine_above_the_overload_point_is_clipped_there():
    settings = MicrophoneSettings(overload_dB=110, low_corner_Hz=0, dc_offset=0)
    counts = Microphone(settings, 1).capture(tone(130)) >> 8
    assert counts.max() == pytest.approx(FULL_SCALE * 10 ** ((110 - 94 - 26) / 20), rel=1e-3)


def test_nothing_leaves_24_bits():
    settings = MicrophoneSettings(overload_dB=150, low_corner_Hz=0)
    counts = Microphone(settings, 1).capture(tone(140)) >> 8
    assert counts.max() == FULL_SCALE - 1
    assert counts.min() == -FULL_SCALE


def test_a_small_offset_stays_on_the_samples():
    counts = Microphone(MicrophoneSettings(dc_offset=0.001), 1).capture(tone(60)) >> 8
    assert counts.mean() == pytest.approx(0.001 * FULL_SCALE, rel=0.01)


def test_where_blocks_end_makes_no_difference():
    sound = tone(70, seconds=2)
    whole = Microphone(MicrophoneSettings(), 3).capture(sound)
    microphone = Microphone(MicrophoneSettings(), 3)
    parts = [microphone.capture(part) for part in np.split(sound, [1, 500, 47_000, 61_111])]
    assert (np.concatenate(parts) == whole).all()
