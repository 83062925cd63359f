"""Is it the calibrator alone that is heard, and does it sit well? One reason if not."""

from collections.abc import Sequence

import numpy as np

from noisetamer.sound.design.weighting import Weighting, analytic
from noisetamer.sound.tone import Tone
from noisetamer.workshop.calibrate.unit.instrument import (
    Decibels,
    HeardSecond,
    Instrument,
    mean_level,
)

FREQUENCY_TOLERANCE = 0.017
"""Of the nominal frequency: IEC 60942:2017, class 2. 251.19 Hz is within it of 250 Hz."""

CALIBRATOR_DISTORTION = 3.0
"""%: IEC 60942:2017, class 2."""

WINDOW_S = 10
LARGEST_FLUCTUATION = 0.1
"""dB; IEC 60942:2017 allows a class 1 calibrator 0.07, a class 2 calibrator 0.15."""

LARGEST_REST = -25.0
"""dB re the tone: it then reads 0.014 dB too much."""

# dB re the strongest tone that noise may hold.
_NO_TONE = -3.0

RECOGNISED_WITHIN = 8.0
"""dB: a level is taken for the calibrator's if the present calibration reads it so near."""

BEYOND_DATA_SHEET = 1.0
"""dB that case and membrane may take besides the tolerance of the microphone."""


def weighting_for(nominal: float) -> Weighting:
    """What the tone is read with: A keeps rumble out, but takes 8.6 dB away at 250 Hz."""
    return "A" if nominal == 1000.0 else "C"


def levels_of(window: Sequence[HeardSecond], nominal: float) -> Decibels:
    """Levels of the tone in parts of seconds, dB, the weighting's own part taken off."""
    weighting = weighting_for(nominal)
    weighted = np.concatenate([getattr(second, f"L{weighting}") for second in window])
    return weighted - float(analytic(weighting, nominal))


def recognised(level: float, levels: Sequence[float], named: float | None) -> float:
    """Which of a calibrator's levels is sounding; `named` by the operator, or None.

    Raises ValueError with the reason if none is near.
    """
    nearest = min(levels, key=lambda one: abs(one - (named if named is not None else level)))
    if named is not None:
        if abs(nearest - named) > 1.0:
            raise ValueError(f"the calibrator's file states no level of {named:g} dB")
        return nearest
    if abs(nearest - level) > RECOGNISED_WITHIN:
        stated = " or ".join(f"{one:g}" for one in levels)
        raise ValueError(
            f"the unit reads {level:.1f} dB, more than {RECOGNISED_WITHIN:g} dB from {stated} dB: "
            "switch the calibrator on, or say with --level which one sounds"
        )
    return nearest


def fluctuation(levels: Decibels) -> float:
    """Half of the range of levels of spans of 1/8 s or less, dB, as IEC 60942 states it.

    Infinite in silence.
    """
    if not np.all(np.isfinite(levels)):
        return float("inf")
    return float(np.ptp(levels) / 2.0)


def refusal(
    window: Sequence[HeardSecond],
    nominal: float,
    levels: Sequence[float],
    named: float | None,
    instrument: Instrument,
) -> str:
    """Why these seconds cannot be used, the most telling reason first; empty if they can."""
    if any(second.overloaded for second in window):
        return "the microphone is overloaded: use the calibrator's lower level"
    tones = [second.tone for second in window if second.tone]
    if len(tones) < len(window) or min(tone.rest_C for tone in tones) > _NO_TONE:
        return "no tone is heard: switch the calibrator on and seat it"
    read = levels_of(window, nominal)
    return (
        _wrong_tone(tones, nominal)
        or _not_alone(tones, nominal)
        or _loose(read)
        or _distorted(tones, mean_level(read), instrument)
        or _implausible(mean_level(read), levels, named, instrument)
    )


def _wrong_tone(tones: Sequence[Tone], nominal: float) -> str:
    frequency = float(np.median([tone.frequency for tone in tones]))
    off = frequency / nominal - 1.0
    if abs(off) <= FREQUENCY_TOLERANCE:
        return ""
    return (
        f"the tone is {frequency:.1f} Hz, {100 * off:+z.1f} % from {nominal:g} Hz where "
        f"{100 * FREQUENCY_TOLERANCE:.1f} % is allowed: set the calibrator to {nominal:g} Hz, "
        "change its battery, or use another"
    )


def _not_alone(tones: Sequence[Tone], nominal: float) -> str:
    rest = max(getattr(tone, f"rest_{weighting_for(nominal)}") for tone in tones)
    if rest <= LARGEST_REST:
        return ""
    return (
        f"other sound is only {-rest:.0f} dB below the tone, {-LARGEST_REST:g} dB is needed: "
        "seat the calibrator, or wait until the traffic has passed"
    )


def _loose(levels: Decibels) -> str:
    swing = fluctuation(levels)
    if swing <= LARGEST_FLUCTUATION:
        return ""
    return (
        f"the level fluctuates by ±{swing:.2f} dB, ±{LARGEST_FLUCTUATION:g} dB is "
        "allowed: the calibrator sits loose; seat it and let go"
    )


def _distorted(tones: Sequence[Tone], level: float, instrument: Instrument) -> str:
    distortion = float(np.median([tone.distortion for tone in tones]))
    # At its overload a microphone distorts by 10 %, and by a tenth of that 20 dB below.
    allowed = CALIBRATOR_DISTORTION + 10.0 * 10.0 ** ((level - instrument.overload) / 20.0)
    if distortion <= allowed:
        return ""
    return (
        f"the tone has {distortion:.1f} % of harmonics, {allowed:.1f} % are allowed: change the "
        "calibrator's battery and free the microphone's port"
    )


def _implausible(
    level: float, levels: Sequence[float], named: float | None, instrument: Instrument
) -> str:
    try:
        stated = recognised(level, levels, named)
    except ValueError as wrong:
        return str(wrong)
    off = instrument.calibration + stated - level
    allowed = instrument.tolerance + BEYOND_DATA_SHEET
    if abs(off) <= allowed:
        return ""
    return (
        f"the microphone would be {-off:+z.1f} dB from its data sheet (±{instrument.tolerance:g} "
        "dB): the calibrator does not seal, gives another level, or the port is blocked"
    )
