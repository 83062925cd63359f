"""Test signals of IEC 61672-1 and -3 as samples of 24 bits at 48 kHz.

Levels are in dB re a full-scale sine, whose mean square is 2**45 steps squared.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
FULL_SCALE_SINE = 2.0**45
TONEBURST_HZ = 4000.0

_PEAK = 2.0**23

Samples = NDArray[np.int32]
"""int32[n] of 24 bits at 48 kHz."""


def sine(hertz: float, level: float, seconds: float, fade: float = 0.0) -> Samples:
    """A sine that begins at a rising zero crossing, and rises over `fade` seconds."""
    n = round(seconds * RATE)
    wave = _unit_sine(hertz, n) * 10.0 ** (level / 20.0)
    if fade:
        wave *= np.sin(0.5 * np.pi * np.minimum(_times(n) / fade, 1.0)) ** 2
    return quantised(wave)


def burst(hertz: float, level: float, cycles: float, seconds: float) -> Samples:
    """`cycles` (halves allowed) from a rising zero crossing, then silence, `seconds` in all."""
    n = round(seconds * RATE)
    wave = _unit_sine(hertz, n) * 10.0 ** (level / 20.0)
    # The tolerance keeps a last sample that should lie on the crossing out.
    return quantised(np.where(_times(n) * hertz < cycles - 1e-9, wave, 0.0))


# Linearity asks for one frequency at a hundred levels, one after the other.
@lru_cache(maxsize=1)
def _unit_sine(hertz: float, n: int) -> NDArray[np.float64]:
    wave = np.sin(2.0 * np.pi * hertz * _times(n))
    wave.flags.writeable = False
    return wave


def _times(n: int) -> NDArray[np.float64]:
    """Of n samples, in s."""
    return np.arange(n) / RATE


def quantised(wave: NDArray[np.float64]) -> Samples:
    """Full scale 1 to whole numbers of 24 bits, clipped as a converter clips."""
    return np.clip(np.round(wave * _PEAK), -_PEAK, _PEAK - 1).astype(np.int32)


def level(mean_square: float) -> float:
    """Level of a mean square in steps of 24 bits; -inf for none."""
    with np.errstate(divide="ignore"):
        return float(10.0 * np.log10(mean_square / FULL_SCALE_SINE))
