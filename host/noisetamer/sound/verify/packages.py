"""Other people's calculations of the same levels, where their packages are installed.

Both get the sound at 384 kHz: their filters are bilinear, which bends A and C by decibels at
16 kHz where a sound is sampled at 48 kHz. Resampling takes what lies above 22 kHz: on white
noise both read 0.04 dB low. acoustic-toolbox 0.2 takes its filters from pyoctaveband, so the
two agree where either is wrong; the averaging is their own.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import soxr
from numpy.typing import NDArray

from noisetamer.sound.standards.signals import RATE, Samples, level
from noisetamer.sound.verify.reference import Levels

_OVERSAMPLED = 8 * RATE

Levels_of = Callable[[Samples], Levels]


def installed() -> dict[str, Levels_of]:
    """Calculations by package, of those that are installed."""
    return {name: of for name, (module, of) in _PACKAGES.items() if find_spec(module)}


def missing() -> list[str]:
    """Names of the packages that are not installed."""
    return [name for name in _PACKAGES if name not in installed()]


def _pyoctaveband(samples: Samples) -> Levels:
    package = import_module("pyoctaveband")
    sound = _oversampled(samples)
    a, c = (package.weighting_filter(sound, _OVERSAMPLED, name) for name in ("A", "C"))
    fast = package.time_weighting(a, _OVERSAMPLED, "fast")
    return Levels(_mean(a), _mean(c), level(float(fast.max())))


def _acoustic_toolbox(samples: Samples) -> Levels:
    standard = import_module("acoustic_toolbox.standards.iec_61672_1_2013")
    sound = _oversampled(samples)
    full_scale_sine = 2.0**22.5
    # Half a sample less than the sound, for its whole number of averages must not round to 0.
    seconds = (len(sound) - 0.5) / _OVERSAMPLED

    def equivalent(weighted: NDArray[np.float64]) -> float:
        return float(
            standard.time_averaged_level(weighted, _OVERSAMPLED, seconds, full_scale_sine)[1][0]
        )

    a, c = (standard.frequency_weighting(sound, _OVERSAMPLED, name) for name in ("A", "C"))
    with np.errstate(divide="ignore"):  # silence at the beginning
        fast = standard.time_weighted_level(
            a, _OVERSAMPLED, "fast", 1.0 / _OVERSAMPLED, full_scale_sine
        )[1]
    return Levels(equivalent(a), equivalent(c), float(fast.max()))


def _oversampled(samples: Samples) -> NDArray[np.float64]:
    return soxr.resample(samples.astype(np.float64), RATE, _OVERSAMPLED, quality="VHQ")


def _mean(sound: NDArray[np.float64]) -> float:
    return level(float(np.mean(np.square(sound))))


_PACKAGES: dict[str, tuple[str, Levels_of]] = {
    "acoustic-toolbox": ("acoustic_toolbox", _acoustic_toolbox),
    "pyoctaveband": ("pyoctaveband", _pyoctaveband),
}
