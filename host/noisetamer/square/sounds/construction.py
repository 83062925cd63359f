"""Work: jackhammer, hammer."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.levels import RATE
from noisetamer.square.sounds.signal import add_circular, band, coloured, time_s


def jackhammer(rng: np.random.Generator) -> NDArray[np.float64]:
    """10 s of a pneumatic breaker: about 22 blows a second, ringing steel, exhaust hiss.

    Like the recordings of such tools it is a little louder in A than in C weighting.
    """
    loop = 0.12 * coloured(rng, 10 * RATE, band(800, 7000))
    t = time_s(0.06)
    at = 0.0
    while at < 9.98:
        ring = sum(
            np.sin(2 * np.pi * hertz * rng.uniform(0.97, 1.03) * t) * np.exp(-t / decay)
            for hertz, decay in ((1250, 0.012), (2650, 0.016), (4100, 0.009), (310, 0.008))
        )
        crack = 1.2 * coloured(rng, len(t), band(1000, 9000)) * np.exp(-t / 0.006)
        add_circular(loop, round(at * RATE), rng.uniform(0.7, 1.2) * (ring + crack))
        at += rng.normal(1 / 22, 0.002)
    return loop


def hammer(rng: np.random.Generator) -> NDArray[np.float64]:
    """10 s of a hammer on steel and wood, some 1.6 blows a second."""
    loop = np.zeros(10 * RATE)
    t = time_s(0.5)
    modes = [(rng.uniform(0.95, 1.05) * hertz, decay) for hertz, decay in _STEEL]
    at = 0.1
    while at < 9.7:
        blow = sum(np.sin(2 * np.pi * hertz * t) * np.exp(-t / decay) for hertz, decay in modes)
        blow += 2 * coloured(rng, len(t), band(300, 6000)) * np.exp(-t / 0.01)
        blow *= np.minimum(t / 0.0005, 1) * np.exp(-t / 0.2)
        add_circular(loop, round(at * RATE), rng.uniform(0.6, 1.2) * blow)
        at += rng.normal(0.62, 0.05)
    return loop


_STEEL = ((420, 0.05), (1130, 0.09), (2240, 0.12), (3720, 0.07), (5400, 0.04))
