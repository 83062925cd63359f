"""Integer octave bank in viper, for chips without an FPU and for the 64-bit host. Every result
fits a signed 32-bit word, so both give the same bits.

A sample is a word of 1/32 steps of the 24-bit input, so full scale is 2**28. No filter lets
a value grow by 4 or more, which is what the word leaves room for.

A product of a word and an 11-bit coefficient has 42 bits: the word goes in two parts, a
quotient q of 20 bits and a remainder r of 11, and  c*(q + r/2**11) = c*q + (c*r >> 11).

Sums of squares are kept of 15-bit values, with a shift that rises when a louder value comes.
"""

from array import array

import micropython
from micropython import const

from tamer.hear.bands.octave_bands import HALF_BAND, LEVELS, SLOWEST, rows, samples_at
from tamer.hear.kernel.shelf import apply_shelf, new_shelf, shelf_scale

# Values that may be negative are stored with this offset: a 32-bit load is not
# sign-extended on a 64-bit machine.
_BIAS = const(0x3FFFFFFF)

# As in shelf.
_SHELF_BIAS = const(0x4000000)

# Samples taken through the tree at a time; the bits do not depend on it.
_PIECE = const(1200)

# Words of a band: b, a1 and a2 of its sections; the last input and the last two outputs of
# each section; the sum of squares.
_X1 = const(9)
_Y1 = const(10)
_Y2 = const(11)
_V1 = const(12)
_V2 = const(13)
_W1 = const(14)
_W2 = const(15)
_SHIFT = const(16)
_TOP = const(17)
_HIGH = const(18)
_LOW = const(19)
_BAND_WORDS = const(20)

# Words of a halving: coefficients, whether a sample waits for its pair, that sample; input
# and output of the all-pass sections.
_HOLDS = const(3)
_HELD = const(4)
_NEW = const(5)
_NEW_1 = const(6)
_NEW_2 = const(7)
_OLD = const(8)
_OLD_1 = const(9)
_HALVING_WORDS = const(10)


@micropython.viper
def _enter(samples, start: int, n: int, scratch):
    """Raw words to 24-bit samples as shelves take them; the first is left free."""
    p = ptr32(samples)
    out = ptr32(scratch)
    i = 0
    while i < n:
        x = (((p[start + i] >> 8) & 0xFFFFFF) ^ 0x800000) - 0x800000
        i += 1
        out[i] = x + _SHELF_BIAS


@micropython.viper
def _widen(scratch, n: int):
    """24-bit samples to words of 1/32 steps."""
    p = ptr32(scratch)
    i = 1
    while i <= n:
        p[i] = ((int(p[i]) - _SHELF_BIAS) << 5) + _BIAS
        i += 1


@micropython.viper
def _filter(scratch, n: int, state):
    """One band: three sections, then its sum of squares."""
    p = ptr32(scratch)
    st = ptr32(state)
    b = int(st[0])
    a1 = int(st[1]) - _BIAS
    a2 = int(st[2]) - _BIAS
    d = int(st[3])
    c1 = int(st[4]) - _BIAS
    c2 = int(st[5]) - _BIAS
    f = int(st[6])
    e1 = int(st[7]) - _BIAS
    e2 = int(st[8]) - _BIAS
    x = int(st[_X1]) - _BIAS
    xq1 = x >> 11
    xr1 = x & 0x7FF
    x = int(st[_Y1]) - _BIAS
    yq1 = x >> 11
    yr1 = x & 0x7FF
    x = int(st[_Y2]) - _BIAS
    yq2 = x >> 11
    yr2 = x & 0x7FF
    x = int(st[_V1]) - _BIAS
    vq1 = x >> 11
    vr1 = x & 0x7FF
    x = int(st[_V2]) - _BIAS
    vq2 = x >> 11
    vr2 = x & 0x7FF
    x = int(st[_W1]) - _BIAS
    wq1 = x >> 11
    wr1 = x & 0x7FF
    x = int(st[_W2]) - _BIAS
    wq2 = x >> 11
    wr2 = x & 0x7FF
    shift = int(st[_SHIFT])
    top = int(st[_TOP])
    high = int(st[_HIGH])
    low = int(st[_LOW])
    half = (1 << shift) >> 1
    i = 1
    while i <= n:
        x = int(p[i]) - _BIAS
        q = x >> 11
        r = x & 0x7FF
        x = b * (q - xq1) + a1 * yq1 + a2 * yq2 + ((b * (r - xr1) + a1 * yr1 + a2 * yr2) >> 11)
        xq1 = q
        xr1 = r
        q = x >> 11
        r = x & 0x7FF
        x = d * (q - yq1) + c1 * vq1 + c2 * vq2 + ((d * (r - yr1) + c1 * vr1 + c2 * vr2) >> 11)
        yq2 = yq1
        yr2 = yr1
        yq1 = q
        yr1 = r
        q = x >> 11
        r = x & 0x7FF
        x = f * (q - vq2) + e1 * wq1 + e2 * wq2 + ((f * (r - vr2) + e1 * wr1 + e2 * wr2) >> 11)
        vq2 = vq1
        vr2 = vr1
        vq1 = q
        vr1 = r
        wq2 = wq1
        wr2 = wr1
        wq1 = x >> 11
        wr1 = x & 0x7FF
        q = (x + half) >> shift
        while q ^ (q >> 31) > 0x7FFF:
            shift += 1
            half = (1 << shift) >> 1
            low = (low >> 2) + ((high & 3) << 13)
            high = (high >> 2) + ((top & 3) << 13)
            top >>= 2
            q = (x + half) >> shift
        q *= q
        high += q >> 15
        low += q & 0x7FFF
        i += 1
    st[_X1] = (xq1 << 11) + xr1 + _BIAS
    st[_Y1] = (yq1 << 11) + yr1 + _BIAS
    st[_Y2] = (yq2 << 11) + yr2 + _BIAS
    st[_V1] = (vq1 << 11) + vr1 + _BIAS
    st[_V2] = (vq2 << 11) + vr2 + _BIAS
    st[_W1] = (wq1 << 11) + wr1 + _BIAS
    st[_W2] = (wq2 << 11) + wr2 + _BIAS
    high += low >> 15
    st[_SHIFT] = shift
    st[_TOP] = top + (high >> 15)
    st[_HIGH] = high & 0x7FFF
    st[_LOW] = low & 0x7FFF


@micropython.viper
def _halve(scratch, n: int, state) -> int:
    """Pairs to the mean of two all-pass chains; an odd last sample waits. Returns pairs."""
    p = ptr32(scratch)
    st = ptr32(state)
    new_c = int(st[0])
    old_c = int(st[1])
    newer_c = int(st[2])
    new = int(st[_NEW]) - _BIAS
    new_1 = int(st[_NEW_1]) - _BIAS
    new_2 = int(st[_NEW_2]) - _BIAS
    old = int(st[_OLD]) - _BIAS
    old_1 = int(st[_OLD_1]) - _BIAS
    at = 1
    if int(st[_HOLDS]):
        at = 0
        p[0] = int(st[_HELD])
        n += 1
    st[_HOLDS] = n & 1
    n >>= 1
    i = 0
    while i < n:
        i += 1
        # Each all-pass: y[n] = x[n-1] + c (x[n] - y[n-1])
        x = int(p[at]) - _BIAS
        d = x - old_1
        old_1 = old + old_c * (d >> 11) + ((old_c * (d & 0x7FF)) >> 11)
        old = x
        x = int(p[at + 1]) - _BIAS
        d = x - new_1
        y = new + new_c * (d >> 11) + ((new_c * (d & 0x7FF)) >> 11)
        new = x
        d = y - new_2
        new_2 = new_1 + newer_c * (d >> 11) + ((newer_c * (d & 0x7FF)) >> 11)
        new_1 = y
        p[i] = ((new_2 + old_1) >> 1) + _BIAS
        at += 2
    st[_HELD] = p[at]
    st[_NEW] = new + _BIAS
    st[_NEW_1] = new_1 + _BIAS
    st[_NEW_2] = new_2 + _BIAS
    st[_OLD] = old + _BIAS
    st[_OLD_1] = old_1 + _BIAS
    return n


class Bank:
    """One microphone's band filters. `run` allocates nothing."""

    name = "int"

    def __init__(self, third_octaves=False, equaliser=(1.0, ())):
        """`equaliser`: see fpu_context.new_context. ValueError if a shelf is none of shelf's."""
        gain, shelves = equaliser
        self._shelves = [new_shelf(k, g) for k, g in shelves]
        self._scale = gain / 32
        for shelf in self._shelves:
            self._scale /= shelf_scale(shelf)
        table = rows(third_octaves)
        self.nominal = tuple(row[0] for row in table)
        self._halvings = tuple(row[1] for row in table)
        self._bands = [_band(row) for row in table]
        # Of each level: its bands and what halves it for the next.
        self._tree = [
            (
                [band for band, row in zip(self._bands, table) if row[1] == level],
                _halving(),
            )
            for level in range(LEVELS)
        ]
        self._scratch = array("i", bytes(4 * (_PIECE + 2)))
        self._sound = memoryview(self._scratch)[1:]
        self._unread = array("i", bytes(4))
        self._n = 0
        self._before = 0

    def run(self, samples, n):
        """Take in the first `n` words of array('i'), 24 bits left-aligned in 32; not changed.

        Any `n`. Call it before the kernel, which overwrites them.
        """
        if n > len(samples):
            raise ValueError("the block is longer than its buffer")
        start = 0
        while start < n:
            piece = min(_PIECE, n - start)
            self._run(samples, start, piece)
            start += piece
        self._n += n

    def _run(self, samples, start, n):
        scratch = self._scratch
        _enter(samples, start, n, scratch)
        for shelf in self._shelves:
            apply_shelf(self._sound, n, shelf, self._unread)
        _widen(scratch, n)
        for bands, halving in self._tree:
            for band in bands:
                _filter(scratch, n, band)
            n = _halve(scratch, n, halving)

    def take(self):
        """Mean square of each band since the last call, lowest band first.

        In steps of the 24-bit input squared, as a kernel's `BlockSums`; 0.0 of a band that has
        had no sample yet. LZ is meter.level of it.
        """
        means = []
        scale = self._scale
        for band, halvings in zip(self._bands, self._halvings):
            count = samples_at(self._n, self._before, halvings)
            means.append(_energy(band) / count * scale * scale if count else 0.0)
            for word in (_SHIFT, _TOP, _HIGH, _LOW):
                band[word] = 0
        self._before = (self._before + self._n) % SLOWEST
        self._n = 0
        return tuple(means)


def _energy(band):
    """Sum of squares from its shift, top, high and low words."""
    value = (band[_TOP] * 32768.0 + band[_HIGH]) * 32768.0 + band[_LOW]
    return value * 4.0 ** band[_SHIFT]


def _band(row):
    words = array("i", bytes(4 * _BAND_WORDS))
    for i, value in enumerate(row[2:]):
        words[i] = value + (_BIAS if i % 3 else 0)
    for i in range(_X1, _SHIFT):
        words[i] = _BIAS
    return words


def _halving():
    words = array("i", bytes(4 * _HALVING_WORDS))
    for i, c in enumerate(HALF_BAND):
        words[i] = c
    for i in range(_HELD, _HALVING_WORDS):
        words[i] = _BIAS
    return words
