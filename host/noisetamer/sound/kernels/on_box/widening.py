"""Samples of 24 and 16 bits, as they lie in a WAV, widened to words as of an I2S microphone.

Read as words, of which three are four samples of 24 bits, and one is two of 16: a load for each
byte would take longer.
"""

import micropython


@micropython.viper
def widen_24(samples, at: int, n: int):
    """n of 24 bits, a multiple of 4, from word `at` on, to the first n words; at >= n."""
    p = ptr32(samples)
    i = 0
    while i < n:
        a = int(p[at])
        b = int(p[at + 1])
        c = int(p[at + 2])
        p[i] = a << 8
        p[i + 1] = (a >> 16 & 0xFF00) | (b << 16)
        p[i + 2] = (b >> 8 & 0xFFFF00) | (c << 24)
        p[i + 3] = c & -256
        at += 3
        i += 4


@micropython.viper
def widen_16(samples, at: int, n: int):
    """The same of 16 bits, n a multiple of 2."""
    p = ptr32(samples)
    i = 0
    while i < n:
        a = int(p[at])
        p[i] = a << 16
        p[i + 1] = a & -65536
        at += 1
        i += 2
