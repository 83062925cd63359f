"""Sums of squares to levels. Pure."""

import math

from tamer.record.reading import MISSING

# Mean square of a full-scale sine in steps of a 24-bit word: (2**23)**2 / 2.
_FULL_SCALE_SINE = 2.0**45


def level(mean_square, full_scale):
    """Level in 0.1 dB re 20 uPa of a mean square in steps of a 24-bit word; MISSING for none.

    full_scale: level of a full-scale sine, dB.
    """
    if mean_square <= 0:
        return MISSING
    return round(10 * (full_scale + 10 * math.log10(mean_square / _FULL_SCALE_SINE)))


def levels(sums, full_scale):
    """(LAeq, LAFmax, LCeq, LCpeak) of a BlockSums, each as `level`; names of IEC 61672-1."""
    return (
        level(sums.A / sums.n, full_scale),
        level(sums.fast_max, full_scale),
        level(sums.C / sums.n, full_scale),
        level(sums.C_peak, full_scale),
    )
