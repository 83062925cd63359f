"""What the box's own rumble.py finds in a sound, for the tier that makes no samples."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.levels import RATE

EIGHTHS = 8  # of a second

_STEPS = 200  # a second, means of 240 samples

# Gain of the filters at 6.4 Hz, their best.
_BEST = 10 ** (-4.9 / 20)


def rumble(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """Mean square of each eighth of a second of a loop of whole seconds, [seconds, 8]."""
    steps = samples.reshape(-1, RATE // _STEPS).mean(axis=1, dtype=np.float64)
    delay = np.exp(-2j * np.pi * np.fft.rfftfreq(len(steps)))
    response = ((1 - delay) / (1 - 7 / 8 * delay)) ** 2
    response *= (3 / 8 / (1 - 5 / 8 * delay)) ** 4 / _BEST
    shaken = np.abs(np.fft.irfft(np.fft.rfft(steps) * response, len(steps)))
    # The box takes magnitudes, and their RMS to be that of noise.
    means = shaken.reshape(-1, EIGHTHS, _STEPS // EIGHTHS).mean(axis=2)
    return np.pi / 2 * means**2


def level_and_span(eighths: NDArray[np.float64]) -> tuple[float, float]:
    """Level of a second in dB and the span between its eighths, from their energies."""
    least = np.maximum(eighths, 1e-6)
    return (
        float(10 * np.log10(least.mean())),
        float(10 * np.log10(least.max() / least.min())),
    )
