"""A healthy microphone is told to be healthy."""

import numpy as np
import pytest
from examination import BLOCK, codes
from folders import RECORDINGS
from square_sounds import MAKERS, QUIET, RATE, SECONDS, healthy, heard

from noisetamer.sound.measure.doctor import doctor

NAMES = (
    "iso532_05_pinknoise60.wav",
    "iso532_15_vehicle.wav",
    "iso532_18_hammer.wav",
    "iso532_21_jackhammer.wav",
    "music_beat.wav",
    "warning_zh_espeak.wav",
)
VIEWS = ((BLOCK, 1024), (6000, 6000), (2399, 2399))
TONES = (20, 31.5, 40, 63, 100, 125, 250, 440, 997, 1000, 3000, 4000, 6000, 8000, 12_000, 16_000)


def tone(frequency, level, phase):
    """A tone at a level in dB re full scale, without any noise: int32[n]."""
    wave = np.sin(2 * np.pi * frequency * np.arange(RATE) / RATE + phase)
    steps = np.rint(10 ** (level / 20) * 2**23 * wave)
    return np.clip(steps, -(2**23), 2**23 - 1).astype(np.int32) << np.int32(8)


def nothing_wrong(words):
    return all(codes(words, block=block, window=window) == [] for block, window in VIEWS)


@pytest.mark.parametrize("sound", MAKERS)
@pytest.mark.parametrize("level", [40, 60, 80, 100])
def test_the_sounds_of_a_square(sound, level):
    for seed in (1, 2):
        assert nothing_wrong(healthy(sound, level, seed)), seed


def test_music_up_to_the_last_step_before_clipping():
    steps = healthy("music", 90, 1) / 256.0
    steps *= (2**23 - 1) / np.abs(steps).max()
    assert nothing_wrong(np.rint(steps).astype(np.int32) << 8)


@pytest.mark.parametrize("noise_floor", [24, 29, 33, 37])
def test_silence_at_the_noise_of_the_microphone_itself(noise_floor):
    for seed in (1, 2):
        assert nothing_wrong(heard(np.zeros(SECONDS * RATE), seed, noise_floor)), seed


@pytest.mark.parametrize("frequency", TONES)
@pytest.mark.parametrize("phase", [0, np.pi / 4], ids=["0", "45"])
def test_pure_tones(frequency, phase):
    for level in (-80, -60, -40, -20, 0):
        assert nothing_wrong(tone(frequency, level, phase)), level


@pytest.mark.parametrize("frequency", TONES)
def test_pure_tones_through_a_microphone(frequency):
    noise = healthy(QUIET, 30, 1)
    for level in (-80, -60, -40, -20, -3):
        assert nothing_wrong(tone(frequency, level, 0) + noise), level


def test_one_microphone_leaves_the_other_slot_to_itself():
    sound = healthy("music", 70, 1)
    stray = np.random.default_rng(1).integers(-(2**31), 2**31, len(sound)).astype(np.int32)
    for other in (np.zeros_like(sound), np.full_like(sound, -1), stray, sound):
        assert codes(np.stack([sound, other], axis=1), slot=0) == []
        assert codes(np.stack([other, sound], axis=1), slot=1) == []


@pytest.mark.parametrize("name", NAMES)
def test_real_recordings(name):
    path = RECORDINGS / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the repository (../shared/audio)")
    assert doctor(path) == []


def test_every_shared_recording_is_on_the_list():
    if not RECORDINGS.exists():
        pytest.skip("../shared/audio is not beside the repository")
    assert {path.name for path in RECORDINGS.glob("*.wav")} == set(NAMES)
