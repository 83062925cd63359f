"""An exact meter: IEC 61672-1 weighting in the frequency domain, over seconds in a row."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from noisetamer.square.levels import (
    FAST_S,
    RATE,
    REFERENCE_PA,
    Levels,
    a_amplitude,
    c_amplitude,
    decibels,
    weighted,
)


def measured(pressure: NDArray) -> list[Levels]:
    """Levels of each second of a pressure signal in Pa at 48 kHz."""
    # A silent second at the end keeps the end from leaking into the beginning.
    padded = np.concatenate([pressure, np.zeros(RATE)]).astype(float) / REFERENCE_PA
    a = np.square(weighted(padded, a_amplitude))[: len(pressure)]
    c = np.square(weighted(padded, c_amplitude))[: len(pressure)]
    k = 1 - np.exp(-1 / (FAST_S * RATE))
    fast = np.asarray(lfilter([k], [1, k - 1], a))
    columns = (
        a.reshape(-1, RATE).mean(1),
        fast.reshape(-1, RATE).max(1),
        c.reshape(-1, RATE).mean(1),
        c.reshape(-1, RATE).max(1),
    )
    rows = zip(*(decibels(column) for column in columns), strict=True)
    return [Levels(*map(float, row)) for row in rows]


def mean_level(levels: list[float]) -> float:
    """Energy mean of levels in dB."""
    return float(10 * np.log10(np.mean(10 ** (np.array(levels) / 10))))
