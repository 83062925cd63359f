"""Fixed-point kernel for chips without an FPU: machine code made by noisetamer.sound.kernels, in
fixed_block.mpy, for RISC-V or for Xtensa as the chip is.

Importing this raises ImportError where it is not, ValueError where it is for another architecture.
"""

from array import array

from tamer.hear.kernel import fixed_context
from tamer.hear.kernel.fixed_block import block


class Kernel:
    """One microphone's filters and detectors. `run` allocates nothing."""

    name = "fixed"

    def __init__(self, blocks, equaliser=(1.0, ())):
        """`blocks`: the most blocks between two calls of `take`, each up to 8192 samples.

        `equaliser`: (gain, shelves (k, g)) of the microphone's profile.
        """
        self._context = fixed_context.new_context(equaliser, blocks)
        self._gain = fixed_context.level_gain(equaliser)
        self._lengths = array("i", bytes(4 * blocks))
        self._count = 0

    def run(self, samples, n):
        """Take in `n` words, 24 bits left-aligned in 32, of array('i'); they are overwritten."""
        if n > len(samples):
            raise ValueError("the block is longer than its buffer")
        # IndexError here if there are too many blocks; the code would write beyond the context.
        self._lengths[self._count] = n
        fixed_context.point_to(self._context, self._count)
        block(samples, self._context, n)
        self._count += 1

    def take(self):
        """The sums since the last call as `BlockSums`, in units of the 24-bit input."""
        count = self._count
        self._count = 0
        return fixed_context.take(self._context, self._lengths, count, self._gain)
