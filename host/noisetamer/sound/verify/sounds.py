"""Made sounds that differ in spectrum and in time, to compare calculations on."""

import numpy as np
from numpy.typing import NDArray

from noisetamer.sound.standards.signals import RATE, Samples, quantised

SECONDS = 5

_Wave = NDArray[np.float64]


def made() -> dict[str, Samples]:
    """Five seconds each, the same in every run."""
    rng = np.random.default_rng(16_2013)
    return {
        "white noise": quantised(0.05 * rng.standard_normal(SECONDS * RATE)),
        "pink noise": quantised(0.2 * _sloping(rng, -1.0)),
        "deep rumble": quantised(0.3 * _sloping(rng, -2.5)),
        "beats": quantised(_beats()),
        "claps": quantised(_claps(rng)),
        "quiet noise": quantised(1e-4 * _sloping(rng, -1.0)),
    }


def _sloping(rng: np.random.Generator, exponent: float) -> _Wave:
    """Noise whose power falls with frequency**exponent from 10 Hz on; its peak is 1."""
    spectrum = np.fft.rfft(rng.standard_normal(SECONDS * RATE))
    frequencies = np.fft.rfftfreq(SECONDS * RATE, 1.0 / RATE)
    spectrum *= np.maximum(frequencies, 10.0) ** (exponent / 2.0)
    wave = np.fft.irfft(spectrum)
    return wave / np.max(np.abs(wave))


def _beats() -> _Wave:
    """60 Hz and its chord of harmonics, twice a second, dying away."""
    t = np.arange(SECONDS * RATE) / RATE
    within = t % 0.5
    tones = sum(np.sin(2.0 * np.pi * 60.0 * i * t) / i for i in range(1, 40))
    return 0.3 * np.exp(-within / 0.1) * np.asarray(tones)


def _claps(rng: np.random.Generator) -> _Wave:
    """White noise of 20 ms, twice a second."""
    t = np.arange(SECONDS * RATE) / RATE
    return 0.15 * rng.standard_normal(len(t)) * np.exp(-(t % 0.5) / 0.004)
