"""Sky: thunder, and fireworks that share it."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.levels import RATE
from noisetamer.square.sounds.signal import band, coloured, swell, time_s


def thunder(rng: np.random.Generator) -> NDArray[np.float64]:
    """One clap of 7 s: a sharp crack, then rumble that rolls away. Loud for about 3 s."""
    t = time_s(7)
    rumble = coloured(rng, len(t), band(30, 110, 1))
    rolling = 1 + 0.8 * np.interp(t, np.arange(8), rng.uniform(-1, 1, 8))
    crack = coloured(rng, len(t), band(60, 350, 1))
    clap = rumble * rolling * np.exp(-t / 1.2) * np.minimum(t / 0.15, 1)
    clap += 0.3 * crack * np.exp(-t / 0.5) * np.minimum(t / 0.01, 1)
    return clap * swell(7, 0.005, 1.5)


def firework(rng: np.random.Generator) -> NDArray[np.float64]:
    """One rocket of 4 s: whistle, bang, crackle."""
    t = time_s(4)
    rise = 2 * np.pi * np.cumsum(1200 + 1500 * t) / RATE
    sound = 0.05 * np.sin(rise) * (t < 1.2) * np.minimum(t / 0.1, 1)
    after = np.maximum(t - 1.3, 0)
    sound += (t >= 1.3) * coloured(rng, len(t), band(60, 3000, 1)) * np.exp(-after / 0.12)
    crackle = (rng.random(len(t)) < 60 / RATE) * rng.uniform(2, 8, len(t))
    grain = np.exp(-time_s(0.004) / 0.001) * rng.standard_normal(round(0.004 * RATE))
    crackle = np.convolve(crackle, grain)[: len(t)]
    sound += 0.05 * crackle * (t > 1.6) * np.exp(-np.maximum(t - 1.6, 0) / 0.5)
    return sound * swell(4, 0.01, 0.5)
