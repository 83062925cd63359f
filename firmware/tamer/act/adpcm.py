"""Decodes IMA ADPCM, a quarter of the size of 16-bit samples, block by block, in viper.

The format is the IMA's ("Recommended Practices for Enhancing Digital Audio Compatibility in
Multimedia Systems", 3.00, 1992), in blocks as WAV files have them (format tag 0x11): the first
sample and the index of its step in four bytes, then four bits a sample, low ones first.
"""

import micropython

from tamer.act.adpcm_steps import STEPS


@micropython.viper
def decode(block, n: int, samples) -> int:
    """Decode the `n` bytes of one block into 16-bit `samples`; how many they are: 2 n - 7."""
    packed = ptr8(block)
    out = ptr16(samples)
    steps = ptr16(STEPS)
    value = int(packed[0]) | int(packed[1]) << 8
    if value > 32767:
        value -= 65536
    index = int(packed[2])
    if index > 88:
        index = 88
    out[0] = value
    made = 1
    i = 4
    while i < n:
        codes = int(packed[i])
        half = 0
        while half < 2:
            step = int(steps[index])
            change = step >> 3
            if codes & 4:
                change += step
            if codes & 2:
                change += step >> 1
            if codes & 1:
                change += step >> 2
            if codes & 8:
                value -= change
                if value < -32768:
                    value = -32768
            else:
                value += change
                if value > 32767:
                    value = 32767
            if codes & 4:
                index += ((codes & 3) << 1) + 2
                if index > 88:
                    index = 88
            elif index:
                index -= 1
            out[made] = value
            made += 1
            codes >>= 4
            half += 1
        i += 1
    return made
