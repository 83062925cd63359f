"""Integer kernel: Z, C and A weighting, Fast and Slow, in viper, for chips without an FPU
and for the 64-bit host. Every intermediate fits a signed 32-bit word, so both give the
same bits.

The poles of A and C are real (IEC 61672-1:2013 Annex E), so each high-pass is a leaky
section  y = x - s; s += k*y.  Its state is a whole number s and a remainder r, which
together never round: no dead zone, no drift. k is a short multiplier over a power of two.
The pole pair at 12.2 kHz is one biquad fitted to the analytic curve; it keeps ten bits
below its whole numbers, so it does not round either.

Levels are kept as blocks of 15-bit values with a shift chosen by the block's own peak, so
the range is that of the 24-bit input and the sums never overflow.
"""

from array import array

import micropython
from micropython import const

from tamer.hear.kernel.block_sums import BlockSums
from tamer.hear.kernel.shelf import apply_shelf, new_shelf, shelf_scale

# Values that may be negative are stored with this offset: a 32-bit load is not
# sign-extended on a 64-bit machine.
_BIAS = const(0x4000000)

# Words of a block's results.
_Z_SHIFT = const(0)
_Z_HIGH = const(1)
_Z_LOW = const(2)
_C_SHIFT = const(3)
_C_HIGH = const(4)
_C_LOW = const(5)
_C_PEAK = const(6)
_A_SHIFT = const(7)
_A_HIGH = const(8)
_A_LOW = const(9)
_FAST_SHIFT = const(10)
_FAST_MAX = const(11)
_FAST_MIN = const(12)
_SLOW_SHIFT = const(13)
_SLOW_MAX = const(14)
_SLOW_MIN = const(15)
_RAW_MIN = const(16)
_RAW_MAX = const(17)
_RAW_SUM = const(18)
_WORDS = const(19)

# State: s and r of five sections; the biquad's two inputs, two outputs and the last output's
# remainder; value, rest and shift of Fast and of Slow; the remainder of the output before.
_STATES = const(22)

# What the whole numbers leave of 0 dB at 1 kHz, as energy: of this chain, computed.
_C_GAIN = 0.999985
_A_GAIN = 1.399475


@micropython.viper
def _block_direct_current(samples, n: int, state, results):
    """Raw words to 24-bit samples without their mean: 0.93 Hz high-pass, k = 2**-13."""
    p = ptr32(samples)
    st = ptr32(state)
    out = ptr32(results)
    s = int(st[0]) - _BIAS
    r = int(st[1])
    low = 0x7FFFFF
    high = -0x800000
    total = 0
    bits = 0
    i = 0
    while i < n:
        x = (((p[i] >> 8) & 0xFFFFFF) ^ 0x800000) - 0x800000
        if x < low:
            low = x
        if x > high:
            high = x
        total += x >> 7
        x -= s
        r += x
        s += r >> 13
        r &= 0x1FFF
        bits |= x ^ (x >> 31)
        p[i] = x + _BIAS
        i += 1
    st[0] = s + _BIAS
    st[1] = r
    shift = 0
    while bits >> shift > 0x7FFF:
        shift += 1
    out[_Z_SHIFT] = shift
    out[_RAW_MIN] = low
    out[_RAW_MAX] = high
    out[_RAW_SUM] = total


@micropython.viper
def _weigh_c(samples, n: int, state, results):
    """Sum Z, then two high-passes at 20.6 Hz and the pole pair at 12.2 kHz: C."""
    p = ptr32(samples)
    st = ptr32(state)
    out = ptr32(results)
    shift = int(out[_Z_SHIFT])
    half = (1 << shift) >> 1
    s1 = int(st[2]) - _BIAS
    r1 = int(st[3])
    s2 = int(st[4]) - _BIAS
    r2 = int(st[5])
    x1 = int(st[10]) - _BIAS
    x2 = int(st[11]) - _BIAS
    y1 = int(st[12]) - _BIAS
    y2 = int(st[13]) - _BIAS
    e1 = int(st[14])
    e2 = int(st[21])
    high = 0
    low = 0
    bits = 0
    i = 0
    while i < n:
        x = int(p[i]) - _BIAS
        q = (x + half) >> shift
        q = q * q
        high += q >> 15
        low += q & 0x7FFF
        x -= s1
        r1 += x * 88 + (x >> 2)  # k = 88.25 / 2**15
        s1 += r1 >> 15
        r1 &= 0x7FFF
        x -= s2
        r2 += x * 88 + (x >> 2)
        s2 += r2 >> 15
        r2 &= 0x7FFF
        # In 1/1024 of steps of 20 bits: 514 and -73 on the input, 710 and -125 on the output.
        y = (x << 5) + (x >> 3) - (73 * x2 >> 4) + 710 * y1 - 125 * y2
        y += (710 * e1 - 125 * e2) >> 10
        x2 = x1
        x1 = x
        y2 = y1
        e2 = e1
        y1 = y >> 10
        e1 = y & 0x3FF
        y = (y + 32) >> 6
        bits |= y ^ (y >> 31)
        p[i] = y + _BIAS
        i += 1
    st[2] = s1 + _BIAS
    st[3] = r1
    st[4] = s2 + _BIAS
    st[5] = r2
    st[10] = x1 + _BIAS
    st[11] = x2 + _BIAS
    st[12] = y1 + _BIAS
    st[13] = y2 + _BIAS
    st[14] = e1
    st[21] = e2
    out[_Z_HIGH] = high + (low >> 15)
    out[_Z_LOW] = low & 0x7FFF
    shift = 0
    while bits >> shift > 0x7FFF:
        shift += 1
    out[_C_SHIFT] = shift


@micropython.viper
def _weigh_a(samples, n: int, state, results) -> int:
    """Sum C and hold its peak, then high-passes at 107.7 Hz and 737.9 Hz: A."""
    p = ptr32(samples)
    st = ptr32(state)
    out = ptr32(results)
    shift = int(out[_C_SHIFT])
    half = (1 << shift) >> 1
    s1 = int(st[6]) - _BIAS
    r1 = int(st[7])
    s2 = int(st[8]) - _BIAS
    r2 = int(st[9])
    high = 0
    low = 0
    peak = 0
    bits = 0
    i = 0
    while i < n:
        x = int(p[i]) - _BIAS
        q = x
        if q < 0:
            q = 0 - q
        if q > peak:
            peak = q
        q = (q + half) >> shift
        q = q * q
        high += q >> 15
        low += q & 0x7FFF
        x -= s1
        r1 += x * 114 + (x >> 1) + (x >> 3)  # k = 114.625 / 2**13
        s1 += r1 >> 13
        r1 &= 0x1FFF
        x -= s2
        r2 += x * 94 + (x >> 2)  # k = 94.25 / 2**10
        s2 += r2 >> 10
        r2 &= 0x3FF
        bits |= x ^ (x >> 31)
        p[i] = x + _BIAS
        i += 1
    st[6] = s1 + _BIAS
    st[7] = r1
    st[8] = s2 + _BIAS
    st[9] = r2
    out[_C_HIGH] = high + (low >> 15)
    out[_C_LOW] = low & 0x7FFF
    out[_C_PEAK] = peak
    shift = 0
    while bits >> shift > 0x7FFF:
        shift += 1
    return shift


@micropython.viper
def _detect(samples, n: int, state, results, shift: int):
    """Sum A and run the Fast and Slow detectors sample by sample (tau 0.125 s and 1 s)."""
    p = ptr32(samples)
    st = ptr32(state)
    out = ptr32(results)
    fast = int(st[15])
    fast_rest = int(st[16])
    fast_shift = int(st[17])
    slow = int(st[18])
    slow_rest = int(st[19])
    slow_shift = int(st[20])
    # A detector outlives the block: its scale follows the block's as far as its value lets it.
    while fast_shift < shift:
        fast_shift += 1
        fast >>= 2
    while fast_shift > shift and fast < 0x8000000:
        fast_shift -= 1
        fast <<= 2
    while slow_shift < shift:
        slow_shift += 1
        slow >>= 2
    while slow_shift > shift and slow < 0x8000000:
        slow_shift -= 1
        slow <<= 2
    to_fast = (fast_shift - shift) << 1
    to_slow = (slow_shift - shift) << 1
    # The offset of what is stored goes with what rounds it.
    half = ((1 << shift) >> 1) - _BIAS
    high = 0
    low = 0
    fast_max = 0
    fast_min = 0x3FFFFFFF
    slow_max = 0
    slow_min = 0x3FFFFFFF
    i = 0
    while i < n:
        q = (int(p[i]) + half) >> shift
        q = q * q
        high += q >> 15
        low += q & 0x7FFF
        fast_rest += (((q >> to_fast) + 128 - fast) >> 8) * 175  # k = 175 / 2**20
        fast += fast_rest >> 12
        fast_rest &= 0xFFF
        slow_rest += (((q >> to_slow) + 128 - slow) >> 8) * 175  # k = 175 / 2**23
        slow += slow_rest >> 15
        slow_rest &= 0x7FFF
        if fast > fast_max:
            fast_max = fast
        if fast < fast_min:
            fast_min = fast
        if slow > slow_max:
            slow_max = slow
        if slow < slow_min:
            slow_min = slow
        i += 1
    st[15] = fast
    st[16] = fast_rest
    st[17] = fast_shift
    st[18] = slow
    st[19] = slow_rest
    st[20] = slow_shift
    out[_A_SHIFT] = shift
    out[_A_HIGH] = high + (low >> 15)
    out[_A_LOW] = low & 0x7FFF
    out[_FAST_SHIFT] = fast_shift
    out[_FAST_MAX] = fast_max
    out[_FAST_MIN] = fast_min
    out[_SLOW_SHIFT] = slow_shift
    out[_SLOW_MAX] = slow_max
    out[_SLOW_MIN] = slow_min


class Kernel:
    """One microphone's filters and detectors. `run` allocates nothing."""

    name = "int"

    def __init__(self, blocks, equaliser=(1.0, ())):
        """`blocks`: the most blocks between two calls of `take`, each up to 8192 samples.

        `equaliser`: (gain, shelves (k, g)) of the microphone's profile.
        """
        gain, shelves = equaliser
        self._shelves = [new_shelf(k, g) for k, g in shelves]
        for shelf in self._shelves:
            gain /= shelf_scale(shelf)
        self._gain = gain * gain
        self._state = array("i", bytes(4 * _STATES))
        for section in (0, 2, 4, 6, 8, 10, 11, 12, 13):
            self._state[section] = _BIAS
        self._results = array("i", bytes(4 * _WORDS * blocks))
        self._blocks = [
            memoryview(self._results)[i * _WORDS : (i + 1) * _WORDS] for i in range(blocks)
        ]
        self._lengths = array("i", bytes(4 * blocks))
        self._count = 0

    def run(self, samples, n):
        """Take in `n` words, 24 bits left-aligned in 32, of array('i'); they are overwritten."""
        results = self._blocks[self._count]
        state = self._state
        _block_direct_current(samples, n, state, results)
        for shelf in self._shelves:
            apply_shelf(samples, n, shelf, results)
        _weigh_c(samples, n, state, results)
        _detect(samples, n, state, results, _weigh_a(samples, n, state, results))
        self._lengths[self._count] = n
        self._count += 1

    def take(self):
        """The sums since the last call as `BlockSums`, in units of the 24-bit input."""
        n = 0
        z = c = a = 0.0
        peak = fast_max = slow_max = 0.0
        fast_min = slow_min = 1e38
        raw_min, raw_max, raw_sum = 0x7FFFFF, -0x800000, 0.0
        for i in range(self._count):
            f = self._blocks[i]
            n += self._lengths[i]
            z += _energy(f, _Z_SHIFT)
            c += _energy(f, _C_SHIFT)
            a += _energy(f, _A_SHIFT)
            if f[_C_PEAK] > peak:
                peak = f[_C_PEAK]
            scale = 1.0 * (1 << 2 * f[_FAST_SHIFT])
            found = f[_FAST_MAX] * scale
            if found > fast_max:
                fast_max = found
            found = f[_FAST_MIN] * scale
            if found < fast_min:
                fast_min = found
            scale = 1.0 * (1 << 2 * f[_SLOW_SHIFT])
            found = f[_SLOW_MAX] * scale
            if found > slow_max:
                slow_max = found
            found = f[_SLOW_MIN] * scale
            if found < slow_min:
                slow_min = found
            if f[_RAW_MIN] < raw_min:
                raw_min = f[_RAW_MIN]
            if f[_RAW_MAX] > raw_max:
                raw_max = f[_RAW_MAX]
            raw_sum += f[_RAW_SUM]
        self._count = 0
        z_gain = self._gain
        c_gain = z_gain * _C_GAIN
        a_gain = z_gain * _A_GAIN
        return BlockSums(
            n,
            z * z_gain,
            c * c_gain,
            a * a_gain,
            peak * peak * c_gain,
            fast_max * a_gain,
            fast_min * a_gain,
            slow_max * a_gain,
            slow_min * a_gain,
            raw_min,
            raw_max,
            raw_sum * 128.0,
        )


def _energy(results, at):
    """Sum of squares from its shift, high and low words."""
    return (results[at + 1] * 32768.0 + results[at + 2]) * (1 << 2 * results[at])
