"""The unit to be calibrated: what it is, and what its own meter hears."""

import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log10
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.base.paths import BOARDS
from noisetamer.sound.standards.signals import FULL_SCALE_SINE
from noisetamer.sound.tone import Tone, analyse
from tamer.hear.kernel.profile import Profile

Decibels = NDArray[np.float64]
Equaliser = tuple[float, Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class Instrument:
    """One unit. Levels in dB re 20 µPa.

    full_scale: of its kind of microphone, level of a full-scale sine. tolerance: of that.
    floor: the microphone's own noise, dB(A). overload: highest level of a sine. calibration:
    what it adds to full_scale now. equaliser: (gain, shelves (k, g)).
    """

    serial: str
    firmware: str
    microphone: str
    full_scale: float
    tolerance: float
    floor: float
    overload: float
    calibration: float
    equaliser: Equaliser


@dataclass(frozen=True)
class HeardSecond:
    """One second as the unit's own kernel found it, with the calibration that holds.

    at: its beginning, s. LA, LC, LZ: float64[k], levels of its k equal parts, dB; parts of 1/8 s
    or less, Fast's time constant. overloaded: full scale was reached. wave: the first samples
    of the second before any filter, float64 re full scale at 48 kHz.
    """

    at: float
    LA: Decibels
    LC: Decibels
    LZ: Decibels
    overloaded: bool
    wave: NDArray[np.float64]

    @cached_property
    def tone(self) -> Tone | None:
        """The strongest tone in the wave."""
        return analyse(self.wave)


class Energies(NamedTuple):
    """What a level takes of a kernel's `BlockSums`: sums over n samples, raw extremes."""

    n: int
    Z: float
    C: float
    A: float
    raw_min: int
    raw_max: int


class Listening(Protocol):
    """A unit that is listened to, live or recorded."""

    @property
    def instrument(self) -> Instrument: ...

    def seconds(self) -> Iterable[HeardSecond]:
        """What it is, and what it adds now."""
        """Consecutive seconds, the settling of the detectors left out."""
        ...


def heard(
    at: float, founds: Sequence[Energies], wave: NDArray[np.float64], instrument: Instrument
) -> HeardSecond:
    """A second from what the kernel found in each part of it."""
    full_scale = instrument.full_scale + instrument.calibration

    def levels(name: str) -> Decibels:
        squares = np.array([getattr(found, name) / found.n for found in founds], np.float64)
        with np.errstate(divide="ignore"):
            return full_scale + 10.0 * np.log10(squares / FULL_SCALE_SINE)

    beyond = 0.98 * 2**23
    clipped = any(found.raw_max > beyond or found.raw_min < -beyond for found in founds)
    return HeardSecond(at, levels("A"), levels("C"), levels("Z"), clipped, wave)


def mean_level(levels: Decibels) -> float:
    """Energy mean of levels in dB."""
    return float(10.0 * np.log10(np.mean(10.0 ** (np.asarray(levels) / 10.0))))


def of_microphone(
    name: str,
    serial: str,
    firmware: str,
    calibration: float,
    equaliser: Equaliser | None = None,
) -> Instrument:
    """A unit with a microphone that has a profile in boards/microphones.

    Raises UserError where there is no such profile.
    """
    path = BOARDS / "microphones" / f"{name.lower()}.py"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in path.parent.glob("*.py")))
        raise UserError(f"--microphone {name}: has no profile; there are {known}")
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return from_profile(module.PROFILE, serial, firmware, calibration, equaliser)


def as_equaliser(value: Any) -> Equaliser:
    """From JSON: [gain, [[k, g], ...]]. Raises TypeError or ValueError for anything else."""
    gain, shelves = value
    return float(gain), [(float(k), float(g)) for k, g in shelves]


def from_profile(
    profile: Profile,
    serial: str,
    firmware: str,
    calibration: float,
    equaliser: Equaliser | None = None,
) -> Instrument:
    """A unit from its microphone's profile; `equaliser`: its own, in place of the profile's."""
    gain, shelves = equaliser or profile.equaliser
    return Instrument(
        serial=serial,
        firmware=firmware,
        microphone=profile.name,
        full_scale=profile.full_scale,
        tolerance=profile.tolerance,
        floor=profile.floor,
        # A profile states the peak level of a sine.
        overload=profile.overload - 10.0 * log10(2.0),
        calibration=calibration,
        equaliser=(gain, tuple((k, g) for k, g in shelves)),
    )
