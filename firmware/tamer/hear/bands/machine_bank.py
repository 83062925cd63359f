"""A bank whose samples go through machine code: what is around its one function."""

from array import array

from tamer.hear.bands.octave_bands import SLOWEST


class MachineBank:
    """One microphone's band filters. `run` allocates nothing."""

    def __init__(self, layout, block, typecode, piece):
        """`layout`: of its memory. `block`: the machine code. `typecode`: of its arrays.

        `piece`: samples taken through the tree at a time; the bits do not depend on it.
        """
        self.nominal = layout.nominal
        self._layout = layout
        self._block = block
        self._piece = piece
        self._context = layout.new_context()
        self._scratch = array(typecode, bytes(4 * (piece + 2)))
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
            piece = min(self._piece, n - start)
            self._block(samples, start, self._scratch, self._context, piece)
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
