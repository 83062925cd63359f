"""What a healthy INMP441 on a square delivers: the simulator's own sounds and microphone."""

from functools import lru_cache

import numpy as np

from noisetamer.square.levels import RATE, REFERENCE_PA
from noisetamer.square.microphone import Microphone
from noisetamer.square.scenario_parts import MicrophoneSettings
from noisetamer.square.sounds import construction, music, noise, speech, street

FULL_SCALE, FLOOR = 120.0, 33.0
SECONDS = 1

QUIET = "quiet"
MAKERS = {
    "music": lambda rng: music.music(rng, "dance"),
    "speech": speech.murmur,
    "traffic": street.traffic,
    "pink noise": lambda rng: noise.noise(rng, "pink"),
    "jackhammer": construction.jackhammer,
}


@lru_cache(maxsize=32)
def loop(sound, seed):
    """One round of a sound, unit RMS."""
    made = MAKERS[sound](np.random.default_rng([seed, list(MAKERS).index(sound)]))
    return made / np.sqrt(np.mean(made**2))


def pressure(sound, level, seed, seconds=SECONDS):
    """Sound pressure in Pa: a piece of a sound whose mean level in dB is given."""
    whole = loop(sound, seed)
    begin = int(np.random.default_rng(seed).integers(len(whole)))
    piece = np.take(whole, np.arange(begin, begin + seconds * RATE), mode="wrap")
    piece = piece / np.sqrt(np.mean(piece**2))
    return REFERENCE_PA * 10 ** (level / 20) * piece


def heard(sound_pressure, seed, noise_floor=FLOOR):
    """The words of an INMP441 that hears this pressure: int32[n]."""
    settings = MicrophoneSettings(
        sensitivity_dBFS=94 - FULL_SCALE,
        overload_dB=FULL_SCALE,
        noise_floor_dBA=noise_floor,
        dc_offset=0.001,
        low_corner_Hz=60,
    )
    return Microphone(settings, seed).capture(sound_pressure.astype(np.float32))


@lru_cache(maxsize=64)
def healthy(sound, level, seed, seconds=SECONDS):
    """The words of an INMP441; the sound QUIET leaves 30 dB of far traffic."""
    if sound == QUIET:
        return heard(pressure("traffic", 30, seed, seconds), seed)
    return heard(pressure(sound, level, seed, seconds), seed)
