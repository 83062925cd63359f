"""What a method found, in the shape that page, ledger and unit share."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from noisetamer.workshop.calibrate import calibrator, side_by_side
from noisetamer.workshop.calibrate.calibrator import Placement
from noisetamer.workshop.calibrate.frequency import Fitted
from noisetamer.workshop.calibrate.instrument import Equaliser
from noisetamer.workshop.calibrate.reference import Reference
from noisetamer.workshop.calibrate.series import TimeWeighting
from noisetamer.workshop.calibrate.side_by_side import Comparison
from noisetamer.workshop.calibrate.uncertainty import Component, combined


@dataclass(frozen=True)
class Result:
    """What a method found. change: dB to add to the calibration, None where it tells none.

    deviation: what the unit read too much with the calibration that held, dB. summary: names
    and values for the page. readings: columns of numbers of one length, for plot and JSON.
    notes: sentences.
    """

    method: str
    budget: Sequence[Component]
    summary: dict[str, str]
    readings: dict[str, list[float]]
    change: float | None = None
    deviation: float | None = None
    equaliser: Equaliser | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def U(self) -> float | None:
        return combined(self.budget) if self.budget else None


def of_calibrator(
    placements: Sequence[Placement], reference: Reference, adjusted: bool, notes: list[str]
) -> Result:
    """Raises UserError where the placements differ too much."""
    change = calibrator.change(placements)
    first = placements[0]
    level = [list(one.parts - np.mean(one.parts)) for one in placements]
    return Result(
        method="calibrator" if adjusted else "check",
        budget=calibrator.budget(placements, reference),
        summary={
            "Level": f"{first.stated:.2f} dB",
            "Frequency": f"{np.median([p.frequency for p in placements]):.1f} Hz",
            "Distortion": f"{max(p.distortion for p in placements):.2f} %",
            "Fluctuation": f"±{max(p.fluctuation for p in placements):.3f} dB",
            "Read": ", ".join(f"{p.level:.2f}" for p in placements) + " dB",
            "As found": f"{-change:+.2f} dB",
        },
        readings={
            "placement": [n for n, one in enumerate(level, 1) for _ in one],
            "level": [value for one in level for value in one],
        },
        change=change if adjusted else None,
        deviation=-change,
        notes=notes,
    )


def of_comparison(
    comparison: Comparison, reference: Reference, weighting: TimeWeighting, notes: list[str]
) -> Result:
    used = int(np.count_nonzero(comparison.weights))
    duration = comparison.times[-1] - comparison.times[0]
    shown = {"fast": "Fast", "slow": "Slow", "1s": "LAeq,1s"}[weighting]
    return Result(
        method="beside",
        budget=side_by_side.budget(comparison, reference),
        summary={
            "Readings": f"{used} of {len(comparison.times)}, in {duration / 60:.1f} min",
            "Weighting": f"dB(A), {shown}",
            "Levels": f"{comparison.spread:.1f} dB between L95 and L5",
            "Correlation": f"{comparison.correlation:.3f}",
            "Clock": f"meter {abs(comparison.clock):.2f} s "
            + ("behind" if comparison.clock > 0 else "ahead"),
            "Scatter": f"{comparison.scale:.2f} dB",
            "Slope": f"{comparison.slope:+.3f} dB a dB",
        },
        readings={
            "time": list(comparison.times),
            "unit": list(comparison.unit),
            "meter": list(comparison.meter),
            "residual": list(comparison.residuals),
            "weight": list(comparison.weights),
        },
        change=comparison.change,
        deviation=-comparison.change,
        notes=notes,
    )


def of_frequency(fitted: Fitted, notes: list[str]) -> Result:
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
