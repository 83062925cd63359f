"""Levels of a sound from the standard's poles alone, in double precision.

Nothing is shared with the kernels' design but the poles: IEC 61672-1:2013, Annex E gives A and
C as analogue filters; their complex response multiplies the sound's spectrum, so no sampled
filter is needed. Fast is 5.8's exponential average of the weighted sound's square.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import exp

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import NDArray

from noisetamer.sound.design.weighting import FAST_SECONDS, poles
from noisetamer.sound.standards.signals import RATE, Samples, level

_DIES_AWAY = RATE  # samples after which the filters' answer to the last one is nothing


@dataclass(frozen=True)
class Levels:
    """Of a whole sound, in dB re a full-scale sine."""

    LAeq: float
    LCeq: float
    LAFmax: float


def reference(samples: Samples) -> Levels:
    """Levels of whole numbers of 24 bits at 48 kHz, heard from rest."""
    n = 1 << (len(samples) + _DIES_AWAY).bit_length()
    spectrum = np.fft.rfft(samples.astype(np.float64), n)
    a, c = (np.fft.irfft(spectrum * _response(name, n), n)[: len(samples)] for name in ("A", "C"))
    k = 1.0 - exp(-1.0 / (FAST_SECONDS * RATE))
    fast = np.asarray(scipy.signal.lfilter([k], [1.0, k - 1.0], a * a))
    return Levels(
        level(float(np.mean(a * a))), level(float(np.mean(c * c))), level(float(fast.max()))
    )


# Sounds that are compared are mostly of one length.
@lru_cache(maxsize=2)
def _response(name: str, n: int) -> NDArray[np.complex128]:
    """The analogue filter's complex response, 1 in size at 1 kHz, at the lines of `n` samples."""
    p = poles()
    high_passes = [p.low, p.low, *((p.a_low, p.a_high) if name == "A" else ())]

    def filtered(frequencies: NDArray[np.float64]) -> NDArray[np.complex128]:
        s = 1j * frequencies
        return np.prod([s / (s + pole) for pole in high_passes], axis=0) / (1.0 + s / p.high) ** 2

    lines = np.linspace(0.0, RATE / 2.0, n // 2 + 1, dtype=np.float64)
    return filtered(lines) / np.abs(filtered(np.array([1000.0])))
