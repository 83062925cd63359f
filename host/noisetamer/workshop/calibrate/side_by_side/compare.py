"""Beside a reference meter: how much the unit must be raised to read what the meter shows."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.certificate.reference import Reference
from noisetamer.workshop.calibrate.certificate.result import Result
from noisetamer.workshop.calibrate.certificate.uncertainty import (
    Component,
    expanded,
    of_mean,
    rectangular,
)
from noisetamer.workshop.calibrate.side_by_side import alignment, robust_fit, series
from noisetamer.workshop.calibrate.side_by_side.series import LevelSeries, Readings, TimeWeighting
from noisetamer.workshop.calibrate.unit.instrument import Decibels

LEAST_READINGS = 20
LEAST_DURATION_S = 120.0
LEAST_SPREAD = 6.0
"""dB between L95 and L5: with less, nothing tells the two clocks, or two places, apart."""

LEAST_CORRELATION = 0.9
LARGEST_SLOPE = 0.05
"""dB a dB: more is another sound at one of the two, or a meter out of its range."""

ABOVE_FLOOR = 10.0
"""dB: nearer to its own noise the unit reads too much."""

# Of the scatter that is left with the stated time weighting.
_MUCH_BETTER = 0.75

# Seconds in a batch: ten of Slow's time constants and more.
_BATCH_S = 20.0
_MOST_BATCHES = 30

# dB. Half a step of a display; microphones up to 0.5 m apart at the same height.
_RESOLUTION, _APART = 0.05, 0.2


@dataclass(frozen=True)
class Comparison:
    """What was compared: float64[n] of each. Times in s of the unit's clock, levels in dB.

    unit: what the unit would have shown with the meter's time weighting. change: dB to add to
    the unit's calibration. clock: s that the meter's clock was behind. spread: between L95 and
    L5. weights: 0 where a reading was taken for a slip.
    """

    times: NDArray[np.float64]
    unit: Decibels
    meter: Decibels
    weights: NDArray[np.float64]
    change: float
    standard_error: float
    freedom: int
    scale: float
    slope: float
    clock: float
    correlation: float
    spread: float

    @property
    def residuals(self) -> Decibels:
        """Meter less unit, dB, of each reading once the unit is adjusted."""
        return self.meter - self.unit - self.change


def compare(
    levels: LevelSeries, readings: Readings, weighting: TimeWeighting, floor: float
) -> Comparison:
    """Compare the unit's LAeq with a meter's readings of dB(A).

    floor: the unit's own noise, dB(A). Raises UserError where the run is too short, too even
    or too little alike to say anything.
    """
    if len(readings.dB) < LEAST_READINGS:
        raise UserError(
            f"{len(readings.dB)} readings of the meter say too little: take {LEAST_READINGS}"
        )
    shown = series.as_shown(levels, weighting)
    _must_vary(series.at(shown, readings.times), "unit")
    _must_vary(readings.dB, "meter")
    clock, correlation = alignment.clock_difference(shown, readings)
    times = readings.times + clock
    unit = series.at(shown, times)
    usable = np.isfinite(unit) & (unit >= floor + ABOVE_FLOOR)
    times, unit, meter = times[usable], unit[usable], readings.dB[usable]
    spread = _must_say_something(times, unit, correlation, floor)
    sloped = robust_fit.fit(unit, meter - unit, sloped=True)
    level = robust_fit.fit(unit, meter - unit, sloped=False)
    duration = float(times[-1] - times[0])
    batches = int(np.clip(min(duration / _BATCH_S, len(times) / 5), 3, _MOST_BATCHES))
    error, freedom = robust_fit.standard_error(meter - unit, level.weights, batches)
    _must_not_slope(sloped, unit, meter, batches)
    return Comparison(
        times=times,
        unit=unit,
        meter=meter,
        weights=level.weights,
        change=level.offset,
        standard_error=error,
        freedom=freedom,
        scale=level.scale,
        slope=sloped.slope,
        clock=clock,
        correlation=correlation,
        spread=spread,
    )


def compare_as_stated(
    levels: LevelSeries, readings: Readings, weighting: TimeWeighting, floor: float
) -> Comparison:
    """As `compare`; raises UserError too where another time weighting explains it better.

    A wrong one shifts the offset by up to 0.2 dB.
    """
    stated = compare(levels, readings, weighting, floor)
    scales = {weighting: stated.scale}
    for other in series.TIME_WEIGHTINGS:
        with suppress(UserError):
            scales.setdefault(other, compare(levels, readings, other, floor).scale)
    best = min(scales, key=lambda one: scales[one])
    if scales[best] < _MUCH_BETTER * stated.scale:
        raise UserError(
            f"the readings look like {best}, not like {weighting}: set the meter, or say "
            f"--time-weighting {best}"
        )
    return stated


def budget(comparison: Comparison, reference: Reference) -> list[Component]:
    """What makes the offset uncertain, dB."""
    return [
        Component("reference meter", expanded(reference.U), "U of its certificate, k = 2"),
        Component(
            "scatter",
            of_mean(comparison.standard_error, comparison.freedom),
            f"means of {comparison.freedom + 1} spans of the run",
        ),
        Component("display", rectangular(_RESOLUTION), "half of 0.1 dB"),
        Component("places", rectangular(_APART), "microphones up to 0.5 m apart"),
        Component(
            "slope",
            rectangular(abs(comparison.slope) * comparison.spread / 2.0),
            "over half the spread of levels",
        ),
    ]


def _must_vary(levels: Decibels, whose: str) -> None:
    there = levels[np.isfinite(levels)]
    if len(there) and _spread(there) < LEAST_SPREAD:
        raise UserError(
            f"the {whose}'s levels lie within {_spread(there):.1f} dB (L95 to L5), "
            f"{LEAST_SPREAD:g} dB are needed: compare for longer, or when it is loud and quiet "
            "by turns"
        )


def _must_say_something(
    times: NDArray[np.float64], unit: Decibels, correlation: float, floor: float
) -> float:
    """Returns the spread of levels, dB."""
    if len(unit) < LEAST_READINGS:
        raise UserError(
            f"only {len(unit)} readings are usable: compare while the unit measures, above "
            f"{floor + ABOVE_FLOOR:.0f} dB"
        )
    if times[-1] - times[0] < LEAST_DURATION_S:
        raise UserError(
            f"the run lasts {times[-1] - times[0]:.0f} s; compare for {LEAST_DURATION_S:.0f} s"
        )
    if correlation < LEAST_CORRELATION:
        raise UserError(
            f"unit and meter do not go together (correlation {correlation:.2f}, "
            f"{LEAST_CORRELATION:g} is needed): place both microphones within 0.5 m, and check "
            "time weighting and clock of the meter"
        )
    _must_vary(unit, "unit")
    return _spread(unit)


def _must_not_slope(sloped: robust_fit.Fit, unit: Decibels, meter: Decibels, batches: int) -> None:
    # Each difference pulls at the slope as far as its level is from the middle.
    arm = unit - sloped.centre
    rest = sloped.residuals(unit, meter - unit)
    pull, _ = robust_fit.standard_error(rest * arm, sloped.weights, batches)
    error = pull / float(np.average(arm**2, weights=sloped.weights))
    if abs(sloped.slope) > LARGEST_SLOPE + 2.0 * error:
        raise UserError(
            f"the difference changes by {sloped.slope:+z.2f} dB for each dB of level: one of the "
            "two hears something else, or the meter is out of its range"
        )


def _spread(levels: Decibels) -> float:
    low, high = np.percentile(levels, [5, 95])
    return float(high - low)


def result(
    comparison: Comparison, reference: Reference, weighting: TimeWeighting, notes: list[str]
) -> Result:
    used = int(np.count_nonzero(comparison.weights))
    duration = comparison.times[-1] - comparison.times[0]
    shown = {"fast": "Fast", "slow": "Slow", "1s": "LAeq,1s"}[weighting]
    return Result(
        method="beside",
        budget=budget(comparison, reference),
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
