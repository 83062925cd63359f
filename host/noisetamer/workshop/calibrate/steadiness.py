"""Is a level steady? Half of the range of its Fast level, as IEC 60942 states fluctuation."""

import numpy as np

from noisetamer.workshop.calibrate.instrument import Decibels

WINDOW_S = 10
LARGEST_FLUCTUATION = 0.1
"""dB; IEC 60942:2017 allows a class 1 calibrator 0.07, a class 2 calibrator 0.15."""


def fluctuation(levels: Decibels) -> float:
    """Half of the range of levels of spans of 1/8 s or less, dB; infinite in silence."""
    if not np.all(np.isfinite(levels)):
        return float("inf")
    return float(np.ptp(levels) / 2.0)
