"""A sound of unit level that repeats without a seam, and what a meter would say about it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.filters import recursive
from noisetamer.square.levels import FAST_S, RATE, a_amplitude, c_amplitude, weighted
from noisetamer.square.rumble import rumble

FAST_BINS = 32  # values of the Fast curve a second: enough for its maximum within 0.2 dB


@dataclass(frozen=True, eq=False)
class Loop:
    """Whole seconds of sound whose A-weighted RMS over the loop is 1.

    samples     float32[seconds * 48000]
    a, c        mean square of each second, A and C weighted, [seconds]
    fast        largest square of the Fast-weighted A signal in each 1/32 s, [seconds, 32]
    peak        largest C-weighted square of each second, [seconds]
    rumble      mean square at 4 to 14 Hz of each eighth of a second, [seconds, 8]
    """

    samples: NDArray[np.float32]
    a: NDArray[np.float64]
    c: NDArray[np.float64]
    fast: NDArray[np.float64]
    peak: NDArray[np.float64]
    rumble: NDArray[np.float64]

    @property
    def seconds(self) -> int:
        """How long it is."""
        return len(self.a)

    @classmethod
    def of(cls, samples: NDArray[np.floating]) -> "Loop":
        """Bring samples (whole seconds, not silent) to unit level and measure them."""
        samples = np.asarray(samples, dtype=np.float32)
        samples = samples - samples.mean()
        a_weighted = weighted(samples, a_amplitude)
        scale = np.float32(1 / np.sqrt(np.mean(np.square(a_weighted, dtype=np.float64))))
        samples *= scale
        a_square = np.square(a_weighted * scale).reshape(-1, RATE)
        c_square = np.square(weighted(samples, c_amplitude)).reshape(-1, RATE)
        fast = _fast(a_square.ravel()).reshape(len(a_square), FAST_BINS, -1)
        return cls(
            samples,
            a_square.mean(1, dtype=np.float64),
            c_square.mean(1, dtype=np.float64),
            fast.max(2).astype(np.float64),
            c_square.max(1).astype(np.float64),
            rumble(samples),
        )


def _fast(square: NDArray[np.float64]) -> NDArray[np.float64]:
    """Exponential average with the Fast time constant, already settled at the first sample."""
    k = 1 - np.exp(-1 / (FAST_S * RATE))
    _, settled = recursive([k], [1, k - 1], square[-RATE:], [0.0])
    return recursive([k], [1, k - 1], square, settled)[0]
