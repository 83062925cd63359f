"""A digital microphone: sound pressure in, 24-bit samples left-aligned in 32 bits out."""

from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.filters import butterworth, filtered
from noisetamer.square.levels import RATE, REFERENCE_PA, a_amplitude
from noisetamer.square.scenario_parts import MicrophoneSettings
from noisetamer.square.seeds import stream

FULL_SCALE = 2**23
_NOISE_SAMPLES = 2**20  # 22 s of self-noise, then again
_94_DB_PEAK_PA = np.sqrt(2) * REFERENCE_PA * 10 ** (94 / 20)


class MicrophoneState(NamedTuple):
    """What a microphone has of all it has heard: its filter's state, its place in the noise."""

    high_pass: NDArray[np.float64]
    noise_at: int


class Microphone:
    """One microphone, from its diaphragm to its I2S data pin; 0 dBFS is a full-scale sine.

    Samples go in and out in blocks of any size; where the blocks end makes no difference.
    """

    def __init__(self, settings: MicrophoneSettings, seed: int):
        self._counts_per_Pa = FULL_SCALE * 10 ** (settings.sensitivity_dBFS / 20) / _94_DB_PEAK_PA
        self._overload_Pa = np.sqrt(2) * REFERENCE_PA * 10 ** (settings.overload_dB / 20)
        self._offset_counts = settings.dc_offset * FULL_SCALE
        self._high_pass = None
        if settings.low_corner_Hz > 0:
            corner = settings.low_corner_Hz
            self._high_pass = butterworth(1, corner, "highpass")
        self._high_pass_state = np.zeros((1, 2))
        self._noise = seed, settings.noise_floor_dBA
        self._noise_at = 0

    def capture(self, pressure: NDArray[np.float32]) -> NDArray[np.int32]:
        """Pressure in Pa, float32[n], to int32[n] with the low byte zero."""
        sound = np.asarray(pressure, dtype=np.float64)
        if self._high_pass is not None:
            sound, self._high_pass_state = filtered(self._high_pass, sound, self._high_pass_state)
        counts = np.clip(sound, -self._overload_Pa, self._overload_Pa)
        self._add_noise(counts)
        counts *= self._counts_per_Pa
        counts += self._offset_counts
        np.rint(counts, out=counts)
        np.clip(counts, -FULL_SCALE, FULL_SCALE - 1, out=counts)
        words = counts.astype(np.int32)
        words <<= 8
        return words

    def state(self) -> MicrophoneState:
        """What `capture` goes on from."""
        return MicrophoneState(self._high_pass_state, self._noise_at)

    def go_back(self, state: MicrophoneState) -> None:
        """Go on from there again."""
        self._high_pass_state, self._noise_at = state

    @cached_property
    def _noise_Pa(self) -> NDArray[np.float64]:
        # Only for who captures: 8 MB, and more than the rest of a box's start in levels.
        return _self_noise(*self._noise)

    def _add_noise(self, sound: NDArray[np.float64]) -> None:
        done = 0
        while done < len(sound):
            part = min(len(sound) - done, _NOISE_SAMPLES - self._noise_at)
            sound[done : done + part] += self._noise_Pa[self._noise_at : self._noise_at + part]
            self._noise_at = (self._noise_at + part) % _NOISE_SAMPLES
            done += part


@lru_cache(maxsize=4)
def _self_noise(seed: int, level_dBA: float) -> NDArray[np.float64]:
    """White noise in Pa whose A-weighted level is given; of single precision, as it is added to
    sound of double."""
    rng = stream(seed, -1, "microphone self-noise")
    passed = np.mean(a_amplitude(np.linspace(0, RATE / 2, 4096)) ** 2)
    rms = REFERENCE_PA * 10 ** (level_dBA / 20) / np.sqrt(passed)
    noise = (rms * rng.standard_normal(_NOISE_SAMPLES, dtype=np.float32)).astype(np.float32)
    noise = noise.astype(np.float64)
    noise.flags.writeable = False
    return noise
