"""Test signals: tone and noise."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.levels import RATE
from noisetamer.square.sounds.signal import coloured, time_s

COLOURS = {"white": 0.0, "pink": -0.5, "brown": -1.0}  # exponent of amplitude over frequency


def tone(rng: np.random.Generator, frequency: float) -> NDArray[np.float64]:
    """One second of a sine; the frequency is rounded to 1 Hz so that the second repeats."""
    return np.sin(2 * np.pi * round(frequency) * time_s(1))


def noise(rng: np.random.Generator, colour: str) -> NDArray[np.float64]:
    """20 s of white, pink (-3 dB an octave) or brown (-6 dB an octave) noise from 20 Hz up."""

    def amplitude(frequency: NDArray[np.floating]) -> NDArray[np.floating]:
        return (frequency >= 20) * frequency ** COLOURS[colour]

    return coloured(rng, 20 * RATE, amplitude)
