"""Third-octave levels of a noise: through the unit's own filters, or as a meter stored them."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.sound.kernels import ported_octaves
from noisetamer.sound.kernels.emulated_octaves import Signal
from noisetamer.sound.recording.microphone import METER_RATE, as_microphone_words, at_48k
from noisetamer.sound.recording.recording import read
from noisetamer.sound.standards import iec61260
from noisetamer.sound.standards.signals import FULL_SCALE_SINE
from noisetamer.workshop.calibrate.unit.instrument import Decibels, Equaliser

MID_BANDS_HZ = np.array([iec61260.exact(x) for x in range(-19, 14)])
"""Exact mid-band frequencies of the 33 third-octaves, 12.5 Hz to 20 kHz."""

LEAST_S = 10

_PARTS = 10
_FLAT: Equaliser = (1.0, ())


@dataclass(frozen=True)
class Spectrum:
    """Third-octave levels in dB, float64[33]; NaN where unknown. error: standard error of each,
    from how much parts of the noise differ."""

    levels: Decibels
    error: Decibels


def samples_of(path: Path, channel: int | None = None) -> NDArray[np.int32]:
    """Whole numbers of 24 bits at 48 kHz. Raises UserError where the file is none or short."""
    words, saturated = as_microphone_words(at_48k(read(path, channel)))
    if len(words) < (LEAST_S + 1) * METER_RATE:
        raise UserError(
            f"{path}: lasts {len(words) / METER_RATE:.0f} s; record {LEAST_S + 1} s or more"
        )
    if saturated:
        raise UserError(f"{path}: is overloaded; record it again at a lower level")
    return words >> 8


def of_samples(samples: NDArray[np.int32], equaliser: Equaliser = _FLAT) -> Spectrum:
    """dB re a full-scale sine, the settling of the filters left out."""
    length = (len(samples) - METER_RATE) // _PARTS
    takes = [METER_RATE + length * n for n in range(_PARTS + 1)]
    squares = ported_octaves.hear([Signal(samples, takes)], True, equaliser)[0][1:]
    mean = np.maximum(squares.mean(axis=0), 1e-3)
    relative = squares.std(axis=0, ddof=1) / np.sqrt(_PARTS) / mean
    return Spectrum(10.0 * np.log10(mean / FULL_SCALE_SINE), 10.0 / np.log(10.0) * relative)


def of_csv(path: Path) -> Spectrum:
    """frequency_Hz,level_dB of third-octaves, unweighted, by nominal or exact frequency.

    Raises UserError where it is none.
    """
    try:
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({error})") from None
    levels = np.full(len(MID_BANDS_HZ), np.nan)
    try:
        for frequency, level in (map(float, row) for row in rows[1:] if row):
            distance = np.abs(np.log10(frequency / MID_BANDS_HZ))
            # A nominal frequency is within 2 % of the exact one.
            if distance.min() > np.log10(1.02):
                raise ValueError
            levels[int(distance.argmin())] = level
    except ValueError:
        raise UserError(
            f"{path}: write frequency_Hz,level_dB and then a third-octave a line, such as 63,71.2"
        ) from None
    return Spectrum(levels, np.zeros(len(MID_BANDS_HZ)))
