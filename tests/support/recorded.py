"""Recordings as people make them: a voice of our own, and what can be wrong with it."""

from pathlib import Path

import numpy as np
import soundfile

RATE = 16_000


def voice(seconds: float, rate: int = RATE) -> np.ndarray:
    """Something of the spectrum and the rhythm of speech, peak 0.5 re full scale."""
    t = np.arange(round(seconds * rate)) / rate
    tones = sum(np.sin(2 * np.pi * f * t + f) / f for f in range(150, 3600, 150))
    sound = tones * (0.2 + np.sin(2 * np.pi * 2 * t) ** 2)
    return 0.5 * sound / np.abs(sound).max()


def record(path: Path, sound: np.ndarray, rate: int = RATE, subtype: str = "PCM_16") -> Path:
    soundfile.write(path, sound, rate, subtype=subtype)
    return path
