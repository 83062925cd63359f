"""Building blocks of the synthetic sounds: circular noise, bursts, envelopes. 48 kHz, float64."""

from collections.abc import Callable

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import NDArray

from noisetamer.square.levels import RATE


def time_s(seconds: float) -> NDArray[np.float64]:
    """Times of the samples of a span, in s."""
    return np.arange(round(seconds * RATE)) / RATE


def coloured(rng: np.random.Generator, samples: int, amplitude: Callable) -> NDArray[np.float64]:
    """Gaussian noise of unit RMS with a given amplitude response; its end fits its beginning."""
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    frequency[0] = frequency[1]
    spectrum = rng.standard_normal((len(frequency), 2), dtype=np.float32).view(np.complex64)[:, 0]
    spectrum *= amplitude(frequency).astype(np.float32)
    spectrum[0] = 0
    noise = np.asarray(scipy.fft.irfft(spectrum, samples))
    return noise / np.sqrt(np.mean(noise**2))


def band(low: float, high: float, slope: int = 2) -> Callable:
    """Amplitude response between two corner frequencies in Hz, `slope` times 6 dB an octave."""

    def amplitude(frequency: NDArray[np.floating]) -> NDArray[np.float64]:
        rise = (frequency / low) ** slope
        return rise / np.sqrt(1 + rise**2) / np.sqrt(1 + (frequency / high) ** (2 * slope))

    return amplitude


def harmonics(phase: NDArray[np.float64], strengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of sines at 1, 2, 3 ... times a phase in radians."""
    return sum(
        (strength * np.sin(n * phase) for n, strength in enumerate(strengths, 1) if strength),
        start=np.zeros_like(phase),
    )


def swell(seconds: float, attack: float, release: float) -> NDArray[np.float64]:
    """Envelope that rises and falls smoothly; attack and release in s."""
    t = time_s(seconds)
    rising = np.clip(t / attack, 0, 1)
    falling = np.clip((seconds - t) / release, 0, 1)
    return np.sin(np.pi / 2 * rising) ** 2 * np.sin(np.pi / 2 * falling) ** 2


def add_circular(loop: NDArray[np.float64], at: int, samples: NDArray[np.float64]) -> None:
    """Add samples into a loop; what runs over its end goes on at its beginning."""
    at %= len(loop)
    first = min(len(samples), len(loop) - at)
    loop[at : at + first] += samples[:first]
    if first < len(samples):
        loop[: len(samples) - first] += samples[first:]
