"""Samples of 24 and 16 bits, as they lie in a WAV, widened in place to words of an I2S microphone.

Four of 24 bits are three words, two of 16 bits are one: read as words, which 32-bit loads are
quickest at. What is written never overtakes what is read where `at` leaves room for all of it.
"""

import micropython


@micropython.viper
def widen_24(samples, at: int, n: int):
    """n of 24 bits that begin at word `at` to as many words from the first on: n a multiple of 4,
    at = n/4 or more."""
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
    """The same of 16 bits: n a multiple of 2, at = n/2 or more."""
    p = ptr32(samples)
    i = 0
    while i < n:
        a = int(p[at])
        p[i] = a << 16
        p[i + 1] = a & -65536
        at += 1
        i += 2
