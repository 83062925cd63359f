"""Levels of the simulated world: its rate, references, frequency weighting, and dB.

Weighting is exact, in the frequency domain (IEC 61672-1:2013, Annex E), and shares nothing with
the box's filters: the world is a second opinion on them.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import NDArray

RATE = 48_000  # Hz, the rate of the whole simulated world
REFERENCE_PA = 20e-6
FAST_S = 0.125  # time constant of time weighting F (IEC 61672-1, 3.9)

_F1, _F2, _F3, _F4 = 20.598997, 107.65265, 737.86223, 12194.217


class Levels(NamedTuple):
    """Levels of one second in dB re 20 µPa."""

    LAeq: float
    LAFmax: float
    LCeq: float
    LCpeak: float


def decibels(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Level in dB of energies relative to (20 µPa)²; silence is 0 dB, not minus infinity."""
    return 10 * np.log10(np.maximum(energy, 1.0))


def a_amplitude(frequency: NDArray[np.floating]) -> NDArray[np.float64]:
    """Amplitude response of A weighting, 1 at 1 kHz. Frequency in Hz."""
    return _a(np.asarray(frequency, dtype=float)) / _a(np.asarray(1000.0))


def c_amplitude(frequency: NDArray[np.floating]) -> NDArray[np.float64]:
    """Amplitude response of C weighting, 1 at 1 kHz. Frequency in Hz."""
    return _c(np.asarray(frequency, dtype=float)) / _c(np.asarray(1000.0))


def weighted(
    samples: NDArray[np.floating], amplitude: Callable[[NDArray[np.floating]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Samples through a weighting curve without phase, as if they repeated for ever."""
    spectrum = np.asarray(scipy.fft.rfft(samples))
    spectrum *= amplitude(np.fft.rfftfreq(len(samples), 1 / RATE)).astype(samples.dtype)
    return np.asarray(scipy.fft.irfft(spectrum, len(samples)))


def _a(f: NDArray[np.floating]) -> NDArray[np.float64]:
    return f**2 * _c(f) / np.sqrt((f**2 + _F2**2) * (f**2 + _F3**2))


def _c(f: NDArray[np.floating]) -> NDArray[np.float64]:
    return f**2 * _F4**2 / ((f**2 + _F1**2) * (f**2 + _F4**2))
