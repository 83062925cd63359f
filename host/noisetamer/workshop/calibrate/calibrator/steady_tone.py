"""With a sound calibrator: wait for a steady tone, placement after placement."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.calibrator import coupling
from noisetamer.workshop.calibrate.certificate.reference import Reference
from noisetamer.workshop.calibrate.certificate.result import Result
from noisetamer.workshop.calibrate.certificate.uncertainty import Component, expanded, rectangular
from noisetamer.workshop.calibrate.unit.instrument import (
    Decibels,
    HeardSecond,
    Instrument,
    mean_level,
)

PATIENCE_S = 60

LARGEST_SPREAD = 0.3
"""dB between placements: more means that one of them leaked."""

# dB. Seating a calibrator once more on the same microphone.
_SEATING = 0.1
# dB. Digital part at these levels; how far a profile is trusted between 250 Hz and 1 kHz.
_LINEARITY, _RESPONSE = 0.05, 0.3


@dataclass(frozen=True)
class Placement:
    """One steady reading. Levels in dB with the calibration that held; frequency in Hz;
    distortion in %. parts: the levels it is the mean of."""

    level: float
    stated: float
    frequency: float
    distortion: float
    fluctuation: float
    parts: Decibels

    @property
    def deviation(self) -> float:
        """How much too much the unit reads, dB."""
        return self.level - self.stated


def steady_reading(
    seconds: Iterable[HeardSecond],
    instrument: Instrument,
    calibrator: Reference,
    named: float | None = None,
    correction: float = 0.0,
) -> Placement:
    """The first ten seconds in which the calibrator alone is heard, and steadily.

    named: the level that sounds, dB, if the operator names it. correction: dB that the microphone
    in its coupler should read besides the calibrator's stated level. Raises UserError with
    the last reason if a minute brings none.
    """
    assert calibrator.frequency is not None
    stated = [level + correction for level in calibrator.levels]
    window: deque[HeardSecond] = deque(maxlen=coupling.WINDOW_S)
    why = "it was too short: give twelve seconds or more of the tone"
    for number, second in enumerate(seconds, 1):
        window.append(second)
        if len(window) == coupling.WINDOW_S:
            why = coupling.refusal(window, calibrator.frequency, stated, named, instrument)
            if not why:
                return _placement(window, calibrator.frequency, stated, named)
        if number == PATIENCE_S:
            break
    raise UserError(f"no steady tone: {why}")


def _placement(
    window: Sequence[HeardSecond], nominal: float, stated: Sequence[float], named: float | None
) -> Placement:
    parts = coupling.levels_of(window, nominal)
    level = mean_level(parts)
    tones = [second.tone for second in window if second.tone]
    return Placement(
        level=level,
        stated=coupling.recognised(level, stated, named),
        frequency=float(np.median([tone.frequency for tone in tones])),
        distortion=float(np.median([tone.distortion for tone in tones])),
        fluctuation=coupling.fluctuation(parts),
        parts=parts,
    )


def change(placements: Sequence[Placement]) -> float:
    """What to add to the present calibration, dB: the mean over placements.

    Raises UserError where they differ too much.
    """
    deviations = [placement.deviation for placement in placements]
    spread = max(deviations) - min(deviations)
    if spread > LARGEST_SPREAD:
        raise UserError(
            f"the placements differ by {spread:.2f} dB, {LARGEST_SPREAD:g} dB is allowed: one of "
            "them leaked; begin again"
        )
    return -float(np.mean(deviations))


def budget(placements: Sequence[Placement], calibrator: Reference) -> list[Component]:
    """What makes the offset uncertain, dB."""
    n = len(placements)
    deviations = [placement.deviation for placement in placements]
    scatter = float(np.std(deviations, ddof=1)) if n > 1 else 0.0
    components = [
        Component("calibrator", expanded(calibrator.U), "U of its certificate, k = 2"),
        Component(
            "seating",
            max(scatter, _SEATING) / sqrt(n),
            f"{n} placement{'s' * (n > 1)}, at least {_SEATING:g} dB each",
        ),
        Component(
            "steadiness",
            rectangular(max(placement.fluctuation for placement in placements)),
            "half range of 10 s",
        ),
        Component("linearity", rectangular(_LINEARITY), "digital part, noisetamer verify-meter"),
    ]
    if calibrator.frequency != 1000.0:
        components.append(
            Component("response", rectangular(_RESPONSE), "profile between 250 Hz and 1 kHz")
        )
    return components


def result(
    placements: Sequence[Placement], reference: Reference, adjusted: bool, notes: list[str]
) -> Result:
    """Raises UserError where the placements differ too much."""
    added = change(placements)
    first = placements[0]
    level = [list(one.parts - np.mean(one.parts)) for one in placements]
    return Result(
        method="calibrator" if adjusted else "check",
        budget=budget(placements, reference),
        summary={
            "Level": f"{first.stated:.2f} dB",
            "Frequency": f"{np.median([p.frequency for p in placements]):.1f} Hz",
            "Distortion": f"{max(p.distortion for p in placements):.2f} %",
            "Fluctuation": f"±{max(p.fluctuation for p in placements):.3f} dB",
            "Read": ", ".join(f"{p.level:.2f}" for p in placements) + " dB",
            "As found": f"{0.0 - round(added, 2):+.2f} dB",
        },
        readings={
            "placement": [n for n, one in enumerate(level, 1) for _ in one],
            "level": [value for one in level for value in one],
        },
        change=added if adjusted else None,
        deviation=-added,
        notes=notes,
    )
