"""A quick check of one raw word in 17, for the running check of the microphone (monitor.py).

In viper whole numbers. `diagnose` examines the words closely, and only on demand.
"""

import math
from array import array

import micropython
from micropython import const

from tamer.hear.diagnosis.monitor import QuickFeatures

# Distance of the words examined: prime, so that they never fall in step with a tone.
_STRIDE = const(17)

# More than this says nothing of hiss; the sum of a second must fit a word.
_MOST = const(262143)

# Of white Gaussian noise: RMS to mean magnitude, RMS of its fourth difference to its own,
# and what A weighting leaves of it up to 24 kHz, dB.
_RMS_OF_MEAN = math.sqrt(math.pi / 2)
_FOURTH = math.sqrt(70)
_A_OF_WHITE = -2.7
_FULL_SCALE_SINE = 8388608 / math.sqrt(2)

# Words of `seen`: bits that changed in this second and in this block, sum of
# magnitudes, places.
_BITS = const(0)
_IN_BLOCK = const(1)
_SUM = const(2)
_PLACES = const(3)


@micropython.viper
def _look(samples, n: int, seen):
    p = ptr32(samples)
    out = ptr32(seen)
    bits = 0
    total = 0
    places = 0
    first = int(p[0])
    i = 0
    while i + 4 < n:
        a = (((p[i] >> 8) & 0xFFFFFF) ^ 0x800000) - 0x800000
        b = (((p[i + 1] >> 8) & 0xFFFFFF) ^ 0x800000) - 0x800000
        c = (((p[i + 2] >> 8) & 0xFFFFFF) ^ 0x800000) - 0x800000
        d = (((p[i + 3] >> 8) & 0xFFFFFF) ^ 0x800000) - 0x800000
        e = (((p[i + 4] >> 8) & 0xFFFFFF) ^ 0x800000) - 0x800000
        bits |= ((p[i] ^ first) | (p[i + 1] ^ first)) >> 8
        d = a + e - ((b + d) << 2) + 6 * c
        if d < 0:
            d = 0 - d
        total += d if d < _MOST else _MOST
        places += 1
        i += _STRIDE
    bits &= 0xFFFFFF
    out[_BITS] = int(out[_BITS]) | bits
    out[_IN_BLOCK] = bits
    out[_SUM] = int(out[_SUM]) + total
    out[_PLACES] = int(out[_PLACES]) + places


class QuickCheck:
    """One microphone's. `run` allocates nothing."""

    def __init__(self):
        self._seen = array("i", bytes(4 * 4))
        self._frozen = False

    def run(self, samples, n):
        """Take in `n` words, 5 or more, 24 bits left-aligned in 32, of array('i'), before a
        kernel overwrites them."""
        _look(samples, n, self._seen)
        if not self._seen[_IN_BLOCK]:
            self._frozen = True

    def take(self, full_scale):
        """QuickFeatures since the last call. `full_scale`: level of a full-scale sine, dB."""
        seen = self._seen
        mean = max(1, seen[_SUM]) / max(1, seen[_PLACES])
        rms = mean * _RMS_OF_MEAN / _FOURTH
        hiss = full_scale + _A_OF_WHITE + 20 * math.log10(rms / _FULL_SCALE_SINE)
        features = QuickFeatures(seen[_BITS], self._frozen, round(10 * hiss))
        self._frozen = False
        seen[_BITS] = seen[_SUM] = seen[_PLACES] = 0
        return features
