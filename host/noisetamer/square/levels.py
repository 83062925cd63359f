"""The four levels of one second, and the way from energy to dB."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

REFERENCE_PA = 20e-6
FAST_S = 0.125  # time constant of time weighting F (IEC 61672-1, 3.9)


class Levels(NamedTuple):
    """Levels of one second in dB re 20 µPa."""

    LAeq: float
    LAFmax: float
    LCeq: float
    LCpeak: float


def decibels(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Level in dB of energies relative to (20 µPa)²; silence is 0 dB, not minus infinity."""
    return 10 * np.log10(np.maximum(energy, 1.0))
