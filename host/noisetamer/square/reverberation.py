"""The echo of a square with walls around it: parallel feedback combs that all decay alike."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.levels import RATE
from noisetamer.square.seeds import stream

_COMBS = 6
_NEAREST_S, _FARTHEST_S = 0.029, 0.071  # detours by way of walls, 10 to 24 m
_STRENGTH = 0.25  # energy of the whole echo re the direct sound: -6 dB


class Reverberation:
    """Adds an exponentially decaying tail; the result is the same for any size of blocks."""

    def __init__(self, reverberation_s: float, seed: int):
        rng = stream(seed, -1, "echo")
        delays = np.geomspace(_NEAREST_S, _FARTHEST_S, _COMBS) * rng.uniform(0.98, 1.02, _COMBS)
        self.energy = _STRENGTH if reverberation_s > 0 else 0.0
        self._combs = [
            _Comb(round(delay * RATE), reverberation_s, (-1) ** number)
            for number, delay in enumerate(delays if reverberation_s > 0 else [])
        ]

    def add_to(self, sound: NDArray[np.float64]) -> NDArray[np.float64]:
        """The next samples with their echo."""
        return sum((comb.process(sound) for comb in self._combs), start=sound)

    def silence(self) -> None:
        """Forget the tail."""
        for comb in self._combs:
            comb.silence()


class _Comb:
    def __init__(self, delay: int, reverberation_s: float, sign: int):
        self._feedback = 10 ** (-3 * delay / RATE / reverberation_s)  # -60 dB after RT60
        energy = self._feedback**2 / (1 - self._feedback**2)
        self._weight = sign * np.sqrt(_STRENGTH / _COMBS / energy)
        self._line = np.zeros(delay)
        self._at = 0

    def process(self, sound: NDArray[np.float64]) -> NDArray[np.float64]:
        echo = np.empty_like(sound)
        done = 0
        while done < len(sound):
            part = min(len(sound) - done, len(self._line) - self._at)
            line = self._line[self._at : self._at + part]
            returned = self._feedback * line
            line[:] = sound[done : done + part] + returned
            echo[done : done + part] = self._weight * returned
            self._at = (self._at + part) % len(self._line)
            done += part
        return echo

    def silence(self) -> None:
        self._line[:] = 0
        self._at = 0
