"""FPU octave bank for ESP32 and ESP32-S3: machine code made by noisetamer.sound.kernels,
in octaves_block.mpy.

Importing this raises ValueError on other architectures. The ESP32-S2 has this one's but no
FPU: check the chip's name first: there the first block would crash the program.
"""

from array import array

from micropython import const

from tamer.hear.bands.octave_bands import SLOWEST, rows
from tamer.hear.bands.octaves_block import block
from tamer.hear.bands.octaves_context import Layout

# Samples taken through the tree at a time; the bits do not depend on it.
_PIECE = const(1200)


class Bank:
    """One microphone's band filters. `run` allocates nothing."""

    name = "fpu"

    def __init__(self, third_octaves=False, equaliser=(1.0, ())):
        """`equaliser`: see fpu_context.new_context."""
        self._layout = Layout(rows(third_octaves), equaliser)
        self.nominal = self._layout.nominal
        self._context = self._layout.new_context()
        self._scratch = array("f", bytes(4 * (_PIECE + 2)))
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
            block(samples, start, self._scratch, self._context, piece)
            start += piece
        self._n += n

    def take(self):
        """Mean square of each band since the last call, lowest band first.

        In steps of the 24-bit input squared, as a kernel's `BlockSums`; 0.0 of a band that has
        had no sample yet. LZ is meter.level of it.
        """
        means = self._layout.take(self._context, self._n, self._before)
        self._before = (self._before + self._n) % SLOWEST
        self._n = 0
        return means
