"""FPU kernel for ESP32 and ESP32-S3: machine code made by noisetamer.sound.kernels, in
fpu_block.mpy.

Importing this raises ValueError on other architectures. The ESP32-S2 has this one's but no
FPU: check the chip's name first: there the first block would crash the program.
"""

from tamer.hear.kernel import fpu_context
from tamer.hear.kernel.fpu_block import block


class Kernel:
    """One microphone's filters and detectors. `run` allocates nothing."""

    name = "fpu"

    def __init__(self, blocks, equaliser=(1.0, ())):
        """`blocks`: as for the integer kernel, but here any number fits.

        `equaliser`: see fpu_context.new_context.
        """
        self._context = fpu_context.new_context(equaliser)
        self._n = 0

    def run(self, samples, n):
        """Take in `n` words, 24 bits left-aligned in 32, of array('i'); they are overwritten."""
        if n > len(samples):
            raise ValueError("the block is longer than its buffer")
        block(samples, self._context, n)
        self._n += n

    def take(self):
        """The sums since the last call as `BlockSums`, in units of the 24-bit input."""
        n = self._n
        self._n = 0
        return fpu_context.take(self._context, n)
