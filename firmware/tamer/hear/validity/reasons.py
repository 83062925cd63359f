"""Is a second valid? If not: for exactly one reason. Pure."""

from collections import namedtuple

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

# What an ear measures of one second. levels: (LAeq, LAFmax, LCeq, LCpeak), 0.1 dB; bands: LZ of
# each, 0.1 dB, or None. sums: BlockSums; quick: QuickFeatures; rumble: Rumble or None. gap:
# samples of it were lost. lost: whole seconds that passed unheard before it.
Measured = namedtuple("Measured", ("levels", "bands", "sums", "quick", "rumble", "gap", "lost"))

# A 24-bit word beyond this is taken as clipped: 0.98 of full scale.
_CLIPPED = 8220000

# The detectors have settled so long after power-up, s: a 1 Hz high-pass and Slow.
SETTLING = 2


def first_reason(power, gap, faulty, spoke, overload, under_range, weather, clock_known):
    """The first reason, in this order, of all that hold; VALID if none does.

    All but `weather` (WIND, RAIN or VALID) are true or false. The box's own speech may overload
    its microphone: the cause goes before the consequence.
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


def is_overloaded(sums, LCpeak, profile):
    """Whether the microphone was driven beyond what it hears undistorted, by its profile.

    LCpeak: 0.1 dB.
    """
    return sums.raw_max > _CLIPPED or sums.raw_min < -_CLIPPED or LCpeak > 10 * profile.overload


class Validity:
    """Of one second after the other; remembers what the next one needs."""

    def __init__(self, profile, monitor, weather=None, calibrated=True):
        """`profile`: of the microphone. `monitor`: its running check.

        `weather`: made instruments (weather.py), or None. `calibrated`: false where the
        calibration is lost, so that no level can be trusted.
        """
        self._profile = profile
        self._monitor = monitor
        self._weather = weather
        self._calibrated = calibrated
        self._age = 0
        self._overloaded = False

    def reason(self, measured, spoke, clock_known):
        """VALID or the reason why not; one call a second.

        measured: Measured. spoke: the box did. clock_known: its time is known.
        """
        LAeq, _, LCeq, LCpeak = measured.levels
        self._age += 1
        # Overload by its own voice is no sign of a fault; how long F holds it, echo.py knows.
        overloaded = not spoke and is_overloaded(measured.sums, LCpeak, self._profile)
        # Time weighting F holds it for longer: it is shown for a second at least (IEC 61672-1).
        held = self._overloaded
        self._overloaded = overloaded
        faulty = self._monitor.update(measured.sums, LAeq, measured.quick, overloaded)
        weather = self._weather.reason() if self._weather else VALID
        if weather == VALID and is_wind(LAeq, LCeq, measured.rumble):
            weather = WIND
        return first_reason(
            self._age < SETTLING,
            measured.gap,
            faulty or not self._calibrated,
            spoke,
            overloaded or held,
            LAeq < 10 * self._profile.floor,
            weather,
            clock_known,
        )
