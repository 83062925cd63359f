"""Runs a second of blocks through the kernel while nothing can be allocated.

Argument: the firmware's folder.
"""

import sys
from array import array

import micropython

sys.path.insert(0, sys.argv[1])

from tamer.hear.kernel.kernel_int import Kernel

BLOCKS, BLOCK = 8, 6000

kernel = Kernel(BLOCKS)
samples = array("i", (((i * 7919) % 65521 - 32760) << 14 for i in range(BLOCK)))


def weigh_a_second():
    for _ in range(BLOCKS):
        kernel.run(samples, BLOCK)


micropython.heap_lock()
try:
    weigh_a_second()
finally:
    micropython.heap_unlock()

print(kernel.take().n)
