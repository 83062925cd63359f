"""Exact frequency weighting in the frequency domain (IEC 61672-1:2013, Annex E)."""

from collections.abc import Callable

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import NDArray

RATE = 48_000  # Hz, the rate of the whole simulated world

_F1, _F2, _F3, _F4 = 20.598997, 107.65265, 737.86223, 12194.217


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
