"""When a source is on, and how its level moves by the story alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.scenario_parts import Every

NEVER_ENDS = 2**62


class Schedule:
    """Half-open intervals [start, end) in whole seconds, in order and apart from each other."""

    def __init__(self, intervals: Sequence[tuple[int, int]]):
        self.intervals = list(intervals)
        self._starts = np.array([start for start, _ in intervals], dtype=np.int64)
        self._ends = np.array([end for _, end in intervals], dtype=np.int64)

    def look(
        self, seconds: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64]]:
        """For each second: whether on, seconds since it went on, seconds until it goes off."""
        if not len(self._starts):
            return np.zeros(len(seconds), dtype=bool), seconds, seconds
        number = np.searchsorted(self._starts, seconds, side="right") - 1
        clipped = np.maximum(number, 0)
        on = (number >= 0) & (seconds < self._ends[clipped])
        return on, seconds - self._starts[clipped], self._ends[clipped] - seconds

    def end_of_session(self, second: int) -> int | None:
        """The second at which it next goes off, or None if it is off now."""
        number = int(np.searchsorted(self._starts, second, side="right")) - 1
        if number < 0 or second >= self._ends[number]:
            return None
        return int(self._ends[number])


def always() -> Schedule:
    """On before, during and after the story."""
    return Schedule([(0, NEVER_ENDS)])


def listed(intervals: Sequence[tuple[int, int]], lag: int) -> Schedule:
    """As the scenario lists it; what is on at the story's start was on before it, too."""
    return Schedule([(start + lag if start else 0, end + lag) for start, end in intervals])


def recurring(
    every: Every, length: int, duration: int, lag: int, rng: np.random.Generator
) -> Schedule:
    """Again and again until the story ends; `length` (s) counts where the scenario gives none."""
    lasts = every.lasts_s or length
    intervals = []
    for begin in range(every.first_s, duration, max(every.interval_s, lasts + every.spread_s)):
        shift = int(rng.integers(every.spread_s + 1))
        intervals.append((begin + shift + lag, begin + shift + lag + lasts))
    return Schedule(intervals)


class Steps:
    """A level change in dB that holds from step to step; each step takes the second it is at."""

    def __init__(self, steps: Sequence[tuple[int, float]] = ()):
        self._seconds = [second for second, _ in steps]
        self._values = [value for _, value in steps]

    def at(self, boundaries: NDArray[np.int64]) -> NDArray[np.float64]:
        """Values at the boundaries between seconds; a step at s shows at boundary s + 1."""
        if not self._seconds:
            return np.zeros(len(boundaries))
        number = np.searchsorted(self._seconds, boundaries, side="left")
        return np.concatenate(([0.0], self._values))[number]

    def value(self, second: int) -> float:
        """The value at the end of one second."""
        return float(self.at(np.array([second + 1]))[0])

    def replace_from(self, second: int, steps: Sequence[tuple[int, float]]) -> None:
        """Forget the steps at or after a second and take these instead."""
        while self._seconds and self._seconds[-1] >= second:
            self._seconds.pop()
            self._values.pop()
        self._seconds += [at for at, _ in steps]
        self._values += [value for _, value in steps]


def drift(
    change_dB: float, takes_s: float, boundaries: NDArray[np.int64], lag: int
) -> NDArray[np.float64]:
    """Linear change in dB from the story's start on, then constant."""
    return change_dB * np.clip((boundaries - lag) / takes_s, 0, 1)


class Wander:
    """A level that strays by itself: slow incommensurate waves, any second at random access."""

    def __init__(self, deviation_dB: float, rng: np.random.Generator):
        self._rate = 2 * np.pi / (np.geomspace(13, 900, 6) * rng.uniform(0.85, 1.15, 6))
        self._phase = rng.uniform(0, 2 * np.pi, 6)
        self._amplitude = deviation_dB * np.sqrt(2 / 6)

    def at(self, boundaries: NDArray[np.int64]) -> NDArray[np.float64]:
        """dB at the boundaries between seconds."""
        if not self._amplitude:
            return np.zeros(len(boundaries))
        phases = boundaries[:, None] * self._rate + self._phase
        return self._amplitude * np.sin(phases).sum(axis=1)
