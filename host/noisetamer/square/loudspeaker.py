"""A small loudspeaker behind an I2S amplifier: from 200 Hz up to the end of the signal's band."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from noisetamer.square.filters import butterworth, filtered, response
from noisetamer.square.levels import RATE, a_amplitude, c_amplitude

_LOW_CORNER_HZ = 200
RING_S = 0.05  # its filters have died away after this


class SpeechGain(NamedTuple):
    """Amplitude of speech behind the loudspeaker re before it, A and C weighted."""

    a: float
    c: float


class Loudspeaker:
    """Filters samples already held at 48 kHz; the result is the same for any size of blocks."""

    def __init__(self, rate: int):
        self.rate = rate
        self._sections = _sections(rate)
        self._state = np.zeros((len(self._sections), 2))

    def process(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        """The next samples."""
        sound, self._state = filtered(self._sections, samples, self._state)
        return sound


def hold(samples: NDArray[np.int16], rate: int) -> NDArray[np.float64]:
    """Samples at a rate in Hz held until the next, at 48 kHz, full scale 1."""
    times, rest = divmod(RATE, rate)
    if not rest:
        return np.repeat(samples / 32768, times)
    frames = round(len(samples) * RATE / rate)
    place = np.minimum(np.arange(frames) * rate // RATE, len(samples) - 1)
    return np.asarray(samples, dtype=np.float64)[place] / 32768


def speech_gain(rate: int) -> SpeechGain:
    """For the long-term average spectrum of speech, which falls 9 dB an octave above 500 Hz."""
    frequency = np.arange(50, min(rate / 2, 20_000), 10.0)
    speech = 1 / (1 + (120 / frequency) ** 4) / (1 + (frequency / 500) ** 3)
    passed = speech * np.abs(response(_sections(rate), frequency)) ** 2
    return SpeechGain(
        np.sqrt(np.sum(passed * a_amplitude(frequency) ** 2) / np.sum(speech)),
        np.sqrt(np.sum(passed * c_amplitude(frequency) ** 2) / np.sum(speech)),
    )


def _sections(rate: int) -> NDArray[np.float64]:
    sections = butterworth(2, _LOW_CORNER_HZ, "highpass")
    if rate < RATE:
        # What holding the samples adds above their own band.
        sections = np.vstack([sections, butterworth(6, 0.45 * rate, "lowpass")])
    return sections
