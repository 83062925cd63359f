"""What a microphone hears of a sound calibrator, as a WAV or in I2S words."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

RATE = 48_000
# INMP441: level of a full-scale sine.
FULL_SCALE = 120.0

Sound = NDArray[np.float64]
"""Re full scale."""


def tone(level: float = 94.0, hertz: float = 1000.0, seconds: float = 12.5) -> Sound:
    """A clean tone on a microphone that is exactly as its data sheet says."""
    t = np.arange(round(seconds * RATE)) / RATE
    return 10.0 ** ((level - FULL_SCALE) / 20.0) * np.sin(2.0 * np.pi * hertz * t)


def hiss(level: float, seconds: float = 12.5, seed: int = 1) -> Sound:
    """White noise of so many dB re 20 µPa."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return white * 10.0 ** ((level - FULL_SCALE) / 20.0) / np.sqrt(2.0)


def in_its_coupler(**of_tone: float) -> Sound:
    """A tone as it should be: the microphone's own noise beneath."""
    return tone(**of_tone) + hiss(36.0, of_tone.get("seconds", 12.5))


def truck(level: float, seconds: float = 12.5, seed: int = 2) -> Sound:
    """Rumble and hiss of so many dB(Z) that swell and go."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    sections = butter(2, (40, 2000), "bandpass", fs=RATE, output="sos")
    rumble = np.asarray(sosfilt(sections, white))
    rumble /= np.sqrt(np.mean(rumble**2))
    swell = np.sin(np.pi * np.arange(len(rumble)) / len(rumble)) ** 2
    return rumble * swell * 10.0 ** ((level - FULL_SCALE) / 20.0) / np.sqrt(2.0)


def louder(sound: Sound, dB: float) -> Sound:
    return sound * 10.0 ** (dB / 20.0)


def saved(path: Path, sound: Sound) -> Path:
    soundfile.write(path, sound, RATE, subtype="PCM_24")
    return path
