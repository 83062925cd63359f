"""Per frequency: the equaliser that makes the unit hear a steady noise as a reference does."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.sound.design import equaliser
from noisetamer.sound.design.equaliser import Response
from noisetamer.workshop.calibrate.certificate.result import Result
from noisetamer.workshop.calibrate.frequency.spectrum import MID_BANDS_HZ, Spectrum
from noisetamer.workshop.calibrate.unit.instrument import Decibels, Equaliser

LOWEST_HZ, HIGHEST_HZ = 45.0, 17_000.0
"""Beyond, neither a field recording nor a small microphone says much."""

MUST_REACH_HZ = (125.0, 8000.0)

LARGEST_ERROR = 0.5
"""dB: standard error of a band's difference; more needs a longer recording."""

ABOVE_BACKGROUND = 10.0
"""dB: nearer to it the background is measured, not the noise."""

# Third-octaves around 1 kHz whose mean is 0 dB: one alone would shift all by its own error.
_AROUND_1_KHZ = (790.0, 1260.0)


@dataclass(frozen=True)
class Fitted:
    """frequencies: of the third-octaves that count, Hz. before, after: unit less reference, dB,
    0 around 1 kHz, without an equaliser and with the fitted one, as the unit's own filters
    read it. error: standard error of each. The equaliser as settings.json holds it."""

    frequencies: NDArray[np.float64]
    before: Decibels
    after: Decibels
    error: Decibels
    equaliser: Equaliser

    @property
    def worst(self) -> tuple[float, float]:
        """(largest residual in dB, its frequency in Hz)."""
        place = int(np.argmax(np.abs(self.after)))
        return float(abs(self.after[place])), float(self.frequencies[place])


def fit(
    unit: Spectrum,
    reference: Spectrum,
    heard_with: Callable[[Equaliser], Spectrum],
    background: Spectrum | None = None,
) -> Fitted:
    """Fit the shelves to unit less reference.

    unit: of the raw recording. heard_with: the same noise through the unit's filters with an
    equaliser. background: of the unit, without the noise. Raises UserError where too few bands
    can be used.
    """
    error = np.hypot(unit.error, reference.error)
    difference = unit.levels - reference.levels
    counts = np.isfinite(difference) & (error <= LARGEST_ERROR)
    counts &= (MID_BANDS_HZ >= LOWEST_HZ) & (MID_BANDS_HZ <= HIGHEST_HZ)
    if background is not None:
        counts &= unit.levels - background.levels >= ABOVE_BACKGROUND
    counts = _around_1_kHz(counts)
    frequencies = MID_BANDS_HZ[counts]
    before = _centred(difference, counts)
    fitted = equaliser.fit(Response(frequencies, before))
    chosen: Equaliser = (fitted.gain, fitted.shelves)
    after = _centred(heard_with(chosen).levels - reference.levels, counts)
    return Fitted(frequencies, before, after, error[counts], chosen)


def _around_1_kHz(counts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The unbroken run of bands around 1 kHz. Raises UserError where it is too short."""
    place = int(np.argmin(np.abs(MID_BANDS_HZ - 1000.0)))
    low = high = place
    while low > 0 and counts[low - 1]:
        low -= 1
    while high + 1 < len(counts) and counts[high + 1]:
        high += 1
    reached = MID_BANDS_HZ[[low, high]] * (1.02, 1.0 / 1.02)
    least, most = MUST_REACH_HZ
    if not counts[place] or reached[0] > least * 1.05 or reached[1] < most / 1.05:
        lowest, highest = MID_BANDS_HZ[[low, high]]
        raise UserError(
            f"the noise can only be used from {lowest:.0f} to {highest:.0f} Hz, {least:g} to "
            f"{most:g} Hz are needed: use steady pink noise, louder than the background, and "
            "record for longer"
        )
    run = np.zeros_like(counts)
    run[low : high + 1] = True
    return run


def _centred(difference: Decibels, counts: NDArray[np.bool_]) -> Decibels:
    bands = MID_BANDS_HZ
    low, high = _AROUND_1_KHZ
    middle = counts & (bands > low) & (bands < high)
    return difference[counts] - np.mean(difference[middle])


def result(fitted: Fitted, notes: list[str]) -> Result:
    worst, at = fitted.worst
    before = float(np.max(np.abs(fitted.before)))
    shelves = len(fitted.equaliser[1])
    return Result(
        method="frequency",
        budget=[],
        summary={
            "Third-octaves": f"{fitted.frequencies[0]:.0f} to {fitted.frequencies[-1]:.0f} Hz",
            "Without": f"{before:.2f} dB at worst",
            "Worst residual": f"{worst:.2f} dB at {at:.0f} Hz",
            "Shelves": f"{shelves}, gain {fitted.equaliser[0]:.4f}",
        },
        readings={
            "frequency_Hz": list(fitted.frequencies),
            "before": list(fitted.before),
            "after": list(fitted.after),
            "error": list(fitted.error),
        },
        equaliser=fitted.equaliser,
        notes=notes,
    )
