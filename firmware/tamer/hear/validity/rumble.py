"""How strongly the microphone's membrane is shaken below hearing, 4 to 14 Hz: the mark of wind.

Turbulence has most of its power there; a loudspeaker, a motor or a voice has next to nothing.
In viper whole numbers; both Pythons' words, the same bits on every chip.
"""

import math
from array import array

import micropython
from micropython import const

from tamer.hear.validity.wind import Rumble

# States that may be negative are stored with this offset: see kernel_int.
_BIAS = const(0x10000000)

# Words of the state: two high-passes, four low-passes, steps in this eighth, sum, eighths.
_STEPS = const(6)
_SUM = const(7)
_EIGHTHS = const(8)
_STATES = const(9)

# 240 samples of 48 kHz make one step of 5 ms; 25 steps make an eighth of a second.
_STEP = const(240)
_IN_AN_EIGHTH = const(25)
_IN_A_SECOND = const(8)

# Of Gaussian noise: RMS to mean magnitude.
_RMS_OF_MEAN = math.sqrt(math.pi / 2)

# A step is a sum of 240 samples over 256; what the filters leave of 6.4 Hz, their best.
_GAIN = 240 / 256 * 10 ** (-4.9 / 20)
_FULL_SCALE_SINE = 8388608 / math.sqrt(2)

# Where the equaliser's lift is taken, Hz, and its sampling rate.
_AT = 6.4
_RATE = 48000


@micropython.viper
def _shake(samples, n: int, state, eighths):
    """High-pass 4.2 Hz twice, low-pass 15 Hz four times, at 200 Hz; sum the magnitudes."""
    p = ptr32(samples)
    st = ptr32(state)
    out = ptr32(eighths)
    h1 = int(st[0]) - _BIAS
    h2 = int(st[1]) - _BIAS
    l1 = int(st[2]) - _BIAS
    l2 = int(st[3]) - _BIAS
    l3 = int(st[4]) - _BIAS
    l4 = int(st[5]) - _BIAS
    steps = int(st[_STEPS])
    total = int(st[_SUM])
    count = int(st[_EIGHTHS])
    # Half of 24 bits in each sample, taken off the sum again: on the box both wrap alike.
    half = _STEP
    half <<= 23
    i = 0
    end = _STEP
    while end <= n:
        x = 0 - half
        while i < end:
            x += ((p[i] >> 8) & 0xFFFFFF) ^ 0x800000
            i += 1
        end += _STEP
        x = (x >> 8) - h1
        h1 += x >> 3
        x -= h2
        h2 += x >> 3
        l1 += ((x - l1) * 3) >> 3
        l2 += ((l1 - l2) * 3) >> 3
        l3 += ((l2 - l3) * 3) >> 3
        l4 += ((l3 - l4) * 3) >> 3
        total += l4 if l4 > 0 else 0 - l4
        steps += 1
        if steps == _IN_AN_EIGHTH:
            if count < _IN_A_SECOND:
                out[count] = total
                count += 1
            steps = 0
            total = 0
    st[0] = h1 + _BIAS
    st[1] = h2 + _BIAS
    st[2] = l1 + _BIAS
    st[3] = l2 + _BIAS
    st[4] = l3 + _BIAS
    st[5] = l4 + _BIAS
    st[_STEPS] = steps
    st[_SUM] = total
    st[_EIGHTHS] = count


class RumbleMeter:
    """Of one microphone. `run` allocates nothing."""

    def __init__(self, equaliser=(1.0, ())):
        """`equaliser`: (gain, shelves (k, g)) of the microphone's profile: what it would lift."""
        self._state = array("i", [_BIAS] * 6 + [0] * (_STATES - 6))
        self._eighths = array("i", bytes(4 * _IN_A_SECOND))
        self._gain = _lift(equaliser) / _GAIN

    def run(self, samples, n):
        """Take in `n` words, 24 bits left-aligned in 32, of array('i'), 240 at a time; what is
        left over is dropped. Call it before the kernel, which overwrites them."""
        _shake(samples, n, self._state, self._eighths)

    def take(self, full_scale):
        """Rumble since the last call; None if that is less than an eighth of a second.

        `full_scale`: level of a full-scale sine, dB.
        """
        count = self._state[_EIGHTHS]
        self._state[_EIGHTHS] = 0
        if not count:
            return None
        # A microphone always has some noise; one step keeps the logarithm from nothing.
        found = [one or 1 for one in self._eighths[:count]]
        energy = 0.0
        for one in found:
            energy += 1.0 * one * one
        rms = math.sqrt(energy / count) / _IN_AN_EIGHTH * _RMS_OF_MEAN * self._gain
        return Rumble(
            round(10 * full_scale + 200 * math.log10(rms / _FULL_SCALE_SINE)),
            round(200 * math.log10(max(found) / min(found))),
        )


def _lift(equaliser):
    """Gain of an equaliser at 6.4 Hz; of each shelf y = x + g*s; s += k*(x - s)."""
    gain, shelves = equaliser
    for k, g in shelves:
        ratio = _AT * 2 * math.pi / (k * _RATE)
        gain *= math.sqrt(((1 + g) ** 2 + ratio**2) / (1 + ratio**2))
    return gain
