"""Steady tones for the tests, and what a kernel reads of them.

Levels are in dB re a full-scale sine. Where a sound pressure level is named, a full-scale
sine is 120 dB, as with the INMP441.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.kernels.signal import Signal
from noisetamer.sound.standards.signals import RATE, Samples, level, sine
from noisetamer.sound.verify.kernels import Kernel

FULL_SCALE_SPL = 120.0
# Exact base-ten frequencies: 31.5 Hz and 8 kHz nominally.
DEEP_HZ = 1000.0 * 10.0**-1.5
HIGH_HZ = 1000.0 * 10.0**0.9


def tone(hertz: float, dB: float, settle: float = 1.0) -> Samples:
    """`settle` seconds, in the first half of which it fades in, then whole periods, about 1 s."""
    return sine(hertz, dB, settle + round(hertz) / hertz, fade=settle / 2)


def settled(kernel: Kernel, sounds: Sequence[Samples], settle: float = 1.0) -> NDArray[np.float64]:
    """LA, LC and LZ of each sound after `settle` seconds: shape (sounds, 3)."""
    founds = kernel.hear([Signal(s, [round(settle * RATE), len(s)]) for s in sounds])
    return np.array([[level(x / f.n) for x in (f.A, f.C, f.Z)] for _, f in founds])
