"""Street: traffic, a car horn, a passing truck."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.levels import RATE
from noisetamer.square.sounds.signal import add_circular, band, coloured, harmonics, swell, time_s


def traffic(rng: np.random.Generator) -> NDArray[np.float64]:
    """24 s of a road some way off: an even roar and cars that stand out a little."""
    loop = coloured(rng, 24 * RATE, _road)
    for _ in range(7):
        seconds = float(rng.integers(30, 60)) / 10
        car = coloured(rng, round(seconds * RATE), band(60, 700, 1))
        car *= swell(seconds, seconds / 2, seconds / 2)
        add_circular(loop, int(rng.integers(len(loop))), rng.uniform(0.3, 0.7) * car)
    return loop


def horn(rng: np.random.Generator) -> NDArray[np.float64]:
    """One blast of a car horn of 3 s, the last half second silent."""
    t = time_s(2.5)
    spread = rng.uniform(0.98, 1.02)
    strengths = 1 / np.arange(1, 13) ** 0.7
    blast = sum(harmonics(2 * np.pi * hertz * spread * t, strengths) for hertz in (415, 520))
    return np.pad(blast * swell(2.5, 0.02, 0.08), (0, RATE // 2))


def truck(rng: np.random.Generator, nearest_s: float | None = None) -> NDArray[np.float64]:
    """One heavy truck that passes in 12 s, loud for about 4 s.

    nearest_s: its distance at the nearest over its speed, in s. It then is as loud before and
    after as geometry has it, until it is 20 dB down.
    """
    seconds = 12 if nearest_s is None else max(12, round(20 * nearest_s))
    t = time_s(seconds)
    if nearest_s is None:
        passing = 1 / (1 + ((t - 6) / 1.3) ** 2)
    else:
        passing = 1 / np.sqrt(1 + ((t - seconds / 2) / nearest_s) ** 2)
    engine = harmonics(2 * np.pi * 38 * t, 1 / np.arange(1, 9))
    sound = 2 * coloured(rng, len(t), band(45, 350, 1)) + 2.5 * engine
    return sound * passing * swell(seconds, 1, 1)


def _road(frequency: NDArray[np.floating]) -> NDArray[np.float64]:
    return band(35, 500, 1)(frequency) / np.sqrt(np.maximum(frequency, 50) / 50)
