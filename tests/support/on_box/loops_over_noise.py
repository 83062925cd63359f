"""Runs in MicroPython: noise through all that listens; prints a digest of every word left.

Argument: the folder of the firmware. Blocks of several lengths and levels, with and without
shelves; the last are rails.
"""

import hashlib
import sys
from array import array

sys.path.insert(0, sys.argv[1])

from tamer.hear.bands.octaves_int import Bank
from tamer.hear.diagnosis.quick_check import QuickCheck
from tamer.hear.kernel.kernel_int import Kernel
from tamer.hear.validity.rumble import RumbleMeter

N = 3600


def noise(seed, n, quieter):
    words = array("i", bytes(4 * n))
    x = seed
    for i in range(n):
        x = (x * 16807) % 2147483647
        words[i] = (((x >> 7) - 0x800000) >> quieter) << 8
    return words


blocks = [
    noise(turn + 1, N - 241 * turn, quieter) for turn in range(4) for quieter in (0, 3, 20, 23)
]
blocks.append(array("i", (-0x80000000 if i % 97 < 48 else 0x7FFFFFFF for i in range(N))))

bank, quick, rumble = Bank(True), QuickCheck(), RumbleMeter()
kernels = [Kernel(len(blocks)), Kernel(len(blocks), (1.0, ((0.05, 0.3), (0.5, -0.4))))]
seen = hashlib.sha256()
for block in blocks:
    n = len(block)
    for listener in (quick, rumble, bank):
        listener.run(block, n)
    for kernel in kernels:
        heard = array("i", block)
        kernel.run(heard, n)
        for words in [heard, kernel._state, kernel._results] + kernel._shelves:
            seen.update(words)
    for words in [quick._seen, rumble._state, rumble._eighths] + bank._bands:
        seen.update(words)
print(seen.digest().hex())
