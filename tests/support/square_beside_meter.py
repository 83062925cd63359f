"""An evening square as the unit hears it, and a hand-held meter beside it. Times in s."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from noisetamer.workshop.calibrate.side_by_side import series
from noisetamer.workshop.calibrate.side_by_side.series import LevelSeries, Readings, TimeWeighting

DURATION = 600.0
STEP = 0.125

# The unit must be raised by so much, dB.
OFFSET = 2.7


@dataclass(frozen=True)
class HandMeter:
    """error, dB: what it reads too much. clock, s: how far it is ahead. One reading in
    `slip_every` is a slip of 5 to 20 dB."""

    error: float = 0.0
    noise: float = 0.3
    clock: float = 2.0
    weighting: TimeWeighting = "slow"
    slip_every: int = 50
    every: float = 0.5

    def readings(self, unit: LevelSeries, seed: int) -> Readings:
        """What it shows where the true level is the unit's and OFFSET more."""
        rng = np.random.default_rng([seed, 1])
        true = replace(unit, dB=unit.dB + OFFSET + self.error)
        times = np.arange(8.0, DURATION - 5.0, self.every)
        shown = series.at(series.as_shown(true, self.weighting), times)
        shown += rng.normal(0.0, self.noise, len(times))
        slips = rng.random(len(times)) < 1.0 / self.slip_every
        sizes = rng.choice([-1.0, 1.0], len(times)) * rng.uniform(5.0, 20.0, len(times))
        return Readings(times + self.clock, np.round(shown + slips * sizes, 1))


def square(seed: int, span: float = 6.0) -> LevelSeries:
    """LAeq of eighths of seconds: a murmur that wanders by ± span, groups and passers-by."""
    rng = np.random.default_rng(seed)
    n = round(DURATION / STEP)
    t = np.arange(n) * STEP
    walk = np.cumsum(rng.standard_normal(n)) * 0.02
    walk -= np.linspace(walk[0], walk[-1], n)
    energy = 10.0 ** ((58.0 + np.clip(walk, -span, span)) / 10.0)
    if span > 1.0:
        for _ in range(20):
            middle, width = rng.uniform(0.0, DURATION), rng.uniform(3.0, 20.0)
            energy += 10.0 ** (
                (rng.uniform(62.0, 78.0) - 8.7 * ((t - middle) / width) ** 2) / 10.0
            )
    flutter: NDArray[np.float64] = rng.normal(0.0, 1.5 if span > 1.0 else 0.1, n)
    return LevelSeries(0.0, STEP, 10.0 * np.log10(energy) + flutter)


def by_the_second(levels: LevelSeries) -> LevelSeries:
    """LAeq,1s, as the unit's console tells it."""
    energies = 10.0 ** (levels.dB.reshape(-1, round(1.0 / levels.step)) / 10.0)
    return LevelSeries(levels.begin, 1.0, np.round(10.0 * np.log10(energies.mean(axis=1)), 1))
