"""Is this second valid? If not: exactly one reason. Pure."""

from collections import namedtuple

from tamer.hear.diagnosis.monitor import Triage
from tamer.hear.validity.wind import is_wind
from tamer.record.reading import (
    CLOCK,
    GAP,
    MICROPHONE,
    OVERLOAD,
    OWN_VOICE,
    POWER,
    UNDER_RANGE,
    VALID,
    WIND,
)

# What an ear makes of one second. levels: (LAeq, LAFmax, LCeq, LCpeak), 0.1 dB; bands: LZ of each,
# 0.1 dB, or None. sums, quick, rumble: BlockSums, Glanced, and Rumbled or None. gap: samples of it
# were lost. lost: how many whole seconds went by unheard before it.
Measured = namedtuple("Measured", ("levels", "bands", "sums", "quick", "rumble", "gap", "lost"))

# A 24-bit word beyond this is taken as clipped: 0.98 of full scale.
_CLIPPED = 8220000

# Detectors have settled this long after power-up: a 1 Hz high-pass and Slow, s.
SETTLING = 2


def first_reason(power, gap, faulty, spoke, overload, under_range, weather, clock_known):
    """Of all that speaks against a second, what comes first in this order; VALID if nothing.

    All but `weather` (WIND, RAIN or VALID) are true or false. The box's own speech may be what
    overloads its microphone: the cause goes before the consequence.
    """
    if power:
        return POWER
    if gap:
        return GAP
    if faulty:
        return MICROPHONE
    if spoke:
        return OWN_VOICE
    if overload:
        return OVERLOAD
    if under_range:
        return UNDER_RANGE
    if weather != VALID:
        return weather
    return VALID if clock_known else CLOCK


def is_overloaded(found, LCpeak, microphone):
    """Whether the microphone was driven beyond what it hears undistorted; its profile says."""
    return (
        found.raw_max > _CLIPPED or found.raw_min < -_CLIPPED or LCpeak > 10 * microphone.overload
    )


class Guard:
    """What judging a second needs to know of those before it; one call of `reason` a second."""

    def __init__(self, microphone, weather=None):
        """`microphone`: its profile. `weather`: made instruments (weather.py), or None."""
        self._microphone = microphone
        self._weather = weather
        self._triage = Triage(microphone)
        self._age = 0
        self._overloaded = False

    def reason(self, measured, spoke, clock_known):
        """The reason for one second, VALID or what is wrong.

        measured: of an ear. spoke: the box did. clock_known: somebody has set it.
        """
        LAeq, _, LCeq, LCpeak = measured.levels
        self._age += 1
        # What its own voice overloads is no sign of a fault; how long F holds it, echo.py knows.
        overloaded = not spoke and is_overloaded(measured.sums, LCpeak, self._microphone)
        # Time weighting F holds it for longer: it is shown for a second at least (IEC 61672-1).
        held = self._overloaded
        self._overloaded = overloaded
        faulty = self._triage.see(measured.sums, LAeq, measured.quick, overloaded)
        weather = self._weather.reason() if self._weather else VALID
        if weather == VALID and is_wind(LAeq, LCeq, measured.rumble):
            weather = WIND
        return first_reason(
            self._age < SETTLING,
            measured.gap,
            faulty,
            spoke,
            overloaded or held,
            LAeq < 10 * self._microphone.floor,
            weather,
            clock_known,
        )

    def wants_doctor(self):
        """Whether the doctor must look at the microphone; asked once, for each time he must."""
        return self._triage.wants_doctor()

    def told(self, codes):
        """What the doctor found, whoever asked him: the codes of his findings."""
        self._triage.told(codes)
