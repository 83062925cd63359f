"""Is it the wind that the microphone hears? Pure.

Turbulence on a microphone has a known shape: it rises 47 dB for ten times the speed at 4 to
14 Hz and 67 dB in A weighting (van den Berg, J. Acoust. Soc. Am. 119, 2006), so the rumble
shows how loud the wind alone may be in A. A second is wind when its level is not clear of
that. Bass does not look like it, however loud: below 14 Hz music has next to nothing.
"""

from collections import namedtuple

# In 0.1 dB. level: of what shakes the membrane at 4 to 14 Hz in a second, as noise of 6.4 Hz would
# have it; span: between the strongest and the weakest eighth of the second.
Rumble = namedtuple("Rumble", ("level", "span"))

# LAeq up to 7/5 of the rumble less 42 dB counts as wind: a screen of 60 mm leaves wind some
# 12 dB below this line, a screen of 20 mm 4 dB.
_RISE, _OVER = 7, 5
_LINE = 420

# Rumble whose span within a second is smaller, 0.1 dB, is a machine's.
_EVEN = 30

# Wind is stronger in C than in A by 14 dB and more; where it no longer shows in C, it does
# not reach A either.
_DEEPER = 60


def is_wind(LAeq, LCeq, rumble):
    """Whether a second's LAeq is not clear of the wind's. Levels in 0.1 dB; `rumble`: Rumble of
    the second, or None where it is not known."""
    return (
        rumble is not None
        and rumble.span >= _EVEN
        and LCeq - LAeq >= _DEEPER
        and _OVER * (LAeq + _LINE) < _RISE * rumble.level
    )
