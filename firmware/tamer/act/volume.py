"""Volume and fades of samples, so that they begin and end without a click. In viper integers."""

import math
from array import array

import micropython
from micropython import const

# A message rises and falls for so many samples, 10 ms at 16 kHz, whatever is in its file.
FADE = const(160)

_WHOLE = const(32768)

# Half a period of a raised cosine: no step of it is larger than pi / 2 / FADE, 1 %.
_RISE = array(
    "H",
    [round(_WHOLE / 2 * (1 - math.cos(math.pi * (i + 0.5) / FADE))) for i in range(FADE)],
)


def factor(volume):
    """The multiplier for a volume in dB re full, in steps of 2**-15; never more than full."""
    return min(_WHOLE, round(_WHOLE * 10 ** (volume / 20)))


@micropython.viper
def shape(samples, n: int, at: int, total: int, gain: int):
    """Multiply `n` 16-bit samples in place, rounded to the nearest.

    The first of them is number `at` of a message of `total` samples. gain: as `factor` has it.
    """
    p = ptr16(samples)
    rise = ptr16(_RISE)
    i = 0
    while i < n:
        weight = gain
        edge = total - 1 - at
        if at < edge:
            edge = at
        if edge < FADE:
            weight = (gain * int(rise[edge])) >> 15
        value = int(p[i])
        if value > 32767:
            value -= 65536
        p[i] = (value * weight + 16384) >> 15
        at += 1
        i += 1
