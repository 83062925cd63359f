"""People: a murmuring crowd and a shout. Vowels by formants, no words."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.filters import recursive
from noisetamer.square.levels import RATE
from noisetamer.square.sounds.signal import add_circular, swell

_VOWELS = (
    (750, 1300, 2500),
    (350, 2200, 2900),
    (400, 850, 2400),
    (550, 1800, 2500),
    (320, 900, 2300),
)
_BANDWIDTHS = (90, 110, 160)  # Hz


def murmur(rng: np.random.Generator) -> NDArray[np.float64]:
    """24 s of a crowd: eight voices that talk and pause."""
    loop = np.zeros(24 * RATE)
    for voice in range(8):
        pitch = rng.uniform(95, 150) if voice % 2 else rng.uniform(170, 260)
        syllables = [_syllable(rng, pitch * rng.uniform(0.85, 1.2)) for _ in range(12)]
        at = rng.uniform(0, 0.3)
        while at < 24:
            if rng.random() < 0.12:
                at += rng.uniform(0.4, 1.8)
            syllable = syllables[rng.integers(len(syllables))]
            add_circular(loop, round(at * RATE), rng.uniform(0.5, 1.1) * syllable)
            at += len(syllable) / RATE * rng.uniform(0.85, 1.1)
    return loop


def shout(rng: np.random.Generator) -> NDArray[np.float64]:
    """One shout of 2 s, three syllables."""
    sound = np.zeros(2 * RATE)
    for number, pitch in enumerate((330, 390, 300)):
        add_circular(sound, round((0.1 + 0.45 * number) * RATE), _syllable(rng, pitch, 0.4))
    return sound


def _syllable(rng: np.random.Generator, pitch: float, seconds: float = 0.0) -> NDArray[np.float64]:
    seconds = seconds or rng.uniform(0.14, 0.28)
    samples = round(seconds * RATE)
    glide = np.linspace(rng.uniform(0.9, 1.1), rng.uniform(0.85, 1.05), samples)
    phase = np.cumsum(pitch * glide / RATE)
    voice = 2 * (phase % 1) - 1 + 0.1 * rng.standard_normal(samples)
    for formant, bandwidth in zip(_VOWELS[rng.integers(len(_VOWELS))], _BANDWIDTHS, strict=True):
        radius = np.exp(-np.pi * bandwidth / RATE)
        angle = 2 * np.pi * formant / RATE
        poles = [1, -2 * radius * np.cos(angle), radius**2]
        # Half of the signal passes beside the resonator, as formants are peaks, not bands.
        voice = 0.5 * voice + recursive([1 - radius], poles, voice, [0.0, 0.0])[0]
    # Lips radiate little of the lowest tones.
    voice = np.diff(voice, prepend=0.0) + 0.02 * voice
    syllable = voice * swell(samples / RATE, 0.03, 0.06)[:samples]
    return syllable / np.sqrt(np.mean(syllable**2))
