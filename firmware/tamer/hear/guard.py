"""Is this second valid? If not: exactly one reason. Pure."""

from tamer.record.reading import (
    CLOCK,
    GAP,
    MICROPHONE,
    MISSING,
    OVERLOAD,
    OWN_VOICE,
    POWER,
    UNDER_RANGE,
    VALID,
)

# A 24-bit word beyond this is taken as clipped: 0.98 of full scale.
_CLIPPED = 8220000

# Detectors have settled this long after power-up: a 1 Hz high-pass and Slow, s.
SETTLING = 2


def own_voice(spoke, reason):
    """The box's own speech outranks what else was wrong, unless nothing whole was heard."""
    return OWN_VOICE if spoke and reason not in (POWER, GAP) else reason


def judge(found, levels, microphone, age, gap, clock_known):
    """The reason for one second.

    found, levels: of the kernel and the meter. microphone: its profile (`overload`, `floor`
    in dB). age: seconds since the microphone started. gap: samples were lost.
    """
    if age < SETTLING:
        return POWER
    if gap:
        return GAP
    if found.raw_max == found.raw_min or levels[0] == MISSING:
        return MICROPHONE
    if found.raw_max > _CLIPPED or found.raw_min < -_CLIPPED:
        return OVERLOAD
    if levels[3] > 10 * microphone.overload:
        return OVERLOAD
    if levels[0] < 10 * microphone.floor:
        return UNDER_RANGE
    return VALID if clock_known else CLOCK
