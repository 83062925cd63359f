"""Wind at the microphone: turbulence that presses on its screen, no sound that travels.

Spectrum and rise with speed from memory of G. P. van den Berg, "Wind-induced noise in a screened
microphone", J. Acoust. Soc. Am. 119 (2006) 824: the inertial range of atmospheric turbulence,
averaged over the screen where eddies are smaller than it. Gusts: von Kármán's spectrum.
"""

import numpy as np
import scipy  # loads a part of itself when it is first used
from numpy.typing import NDArray

from noisetamer.square.levels import RATE, a_amplitude

SECONDS = 20

# The usual place: a pole of 4 m in a square with trees (roughness 0.1 m), neutral air.
_HEIGHT_M = 4.0
_SHEAR = float(np.log(_HEIGHT_M / 0.1))

# Standard deviation of the speed over its mean, and how far an eddy reaches, m.
_INTENSITY = 1 / _SHEAR
_EDDY_M = 20.0

# Slower than this is a gust, faster a push on the membrane, Hz.
_SLOWEST = 0.5

# Speeds, re the mean, at which the spectrum is worked out; between them it is mixed.
_SPEEDS = np.array([0.25, 0.45, 0.7, 1.0, 1.35, 1.75, 2.2])

# A third-octave's width re its mid-band frequency.
_THIRD = 10**0.05 - 10**-0.05


def third_octave_level(
    frequency: NDArray[np.floating], speed: float, screen: float
) -> NDArray[np.float64]:
    """Level in dB re 20 µPa of the third-octaves at `frequency` in Hz; speed in m/s, the
    screen's diameter in m."""
    return (
        62.4
        + 40 * np.log10(speed)
        - 6.67 * np.log10(_HEIGHT_M * frequency / speed)
        - 20 * np.log10(_SHEAR)
        - 10 * np.log10(1 + (3 * screen * frequency / speed) ** 2)
    )


def wind_level(speed: float, screen: float) -> float:
    """LAeq in dB of a wind of this mean speed; its gusts are worth some 3 dB."""
    bands = 10 ** np.arange(0.0, 4.31, 0.1)
    levels = third_octave_level(bands, speed, screen) + 20 * np.log10(a_amplitude(bands))
    return float(10 * np.log10(np.sum(10 ** (levels / 10)))) + 3.0


def wind(
    rng: np.random.Generator, blowing: tuple[float, float] = (8.0, 0.06)
) -> NDArray[np.float64]:
    """20 s of a gusty wind. `blowing`: mean speed in m/s, diameter of the screen in m."""
    speed, screen = blowing
    samples = SECONDS * RATE
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    pushes = rng.standard_normal((len(frequency), 2), dtype=np.float32).view(np.complex64)[:, 0]
    pushes[frequency < _SLOWEST] = 0
    gusts = _gusts(rng, speed)
    below = np.clip(np.searchsorted(_SPEEDS, gusts) - 1, 0, len(_SPEEDS) - 2)
    share = (gusts - _SPEEDS[below]) / (_SPEEDS[below + 1] - _SPEEDS[below])
    at = np.append(np.arange(len(gusts)) * (samples // len(gusts)), samples)
    sound = np.zeros(samples)
    for number, relative in enumerate(_SPEEDS):
        # The same pushes at each speed, so that a mixture is one of a speed between.
        weight = np.where(below == number, 1 - share, 0) + np.where(below + 1 == number, share, 0)
        if weight.any():
            amplitude = _amplitude(frequency, relative * speed, screen)
            pressure = np.asarray(scipy.fft.irfft(pushes * amplitude, samples))
            sound += pressure * np.interp(np.arange(samples), at, np.append(weight, weight[0]))
    return sound


def _amplitude(
    frequency: NDArray[np.floating], speed: float, screen: float
) -> NDArray[np.float32]:
    level = third_octave_level(np.maximum(frequency, _SLOWEST), speed, screen)
    density = 10 ** (level / 10) / (_THIRD * np.maximum(frequency, _SLOWEST))
    return np.sqrt(density).astype(np.float32)


def _gusts(rng: np.random.Generator, speed: float) -> NDArray[np.floating]:
    """Speed re its mean, four times a second."""
    count = 4 * SECONDS
    frequency = np.fft.rfftfreq(count, 0.25)
    density = (1 + 70.8 * (frequency * _EDDY_M / speed) ** 2) ** (-5 / 6)
    density[(frequency == 0) | (frequency > _SLOWEST)] = 0
    # Von Kármán's spectrum comes to 1 in all; these are the gusts' part of it.
    variance = 4 * _EDDY_M / speed * density.sum() * frequency[1]
    drawn = rng.standard_normal((len(frequency), 2)).view(np.complex128)[:, 0]
    gusts = np.fft.irfft(drawn * np.sqrt(density), count)
    gusts *= _INTENSITY * np.sqrt(variance) / gusts.std()
    return np.clip(1 + gusts, _SPEEDS[0], _SPEEDS[-1])
