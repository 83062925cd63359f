"""Sums of squares to levels. Pure."""

import math
from collections import namedtuple

from tamer.record.reading import MISSING

# Names of IEC 61672-1, 0.1 dB re 20 uPa; MISSING where nothing was heard.
Levels = namedtuple(
    "Levels",
    ("LAeq", "LCeq", "LZeq", "LAFmax", "LAFmin", "LASmax", "LASmin", "LCpeak"),
)

# Mean square of a full-scale sine in steps of a 24-bit word: (2**23)**2 / 2.
_FULL_SCALE_SINE = 2.0**45


def level(mean_square, full_scale):
    """Level in 0.1 dB of a mean square; `full_scale`: level of a full-scale sine, dB."""
    if mean_square <= 0:
        return MISSING
    return round(10 * (full_scale + 10 * math.log10(mean_square / _FULL_SCALE_SINE)))


def levels(found, full_scale):
    """(LAeq, LAFmax, LCeq, LCpeak) of what a kernel found, 0.1 dB re 20 uPa."""
    return (
        level(found.A / found.n, full_scale),
        level(found.fast_max, full_scale),
        level(found.C / found.n, full_scale),
        level(found.C_peak, full_scale),
    )


def all_levels(found, full_scale):
    """Every level of what a kernel found. The least ones only say something once a detector
    has risen from nothing: some seconds after the start."""
    return Levels(
        level(found.A / found.n, full_scale),
        level(found.C / found.n, full_scale),
        level(found.Z / found.n, full_scale),
        level(found.fast_max, full_scale),
        level(found.fast_min, full_scale),
        level(found.slow_max, full_scale),
        level(found.slow_min, full_scale),
        level(found.C_peak, full_scale),
    )
