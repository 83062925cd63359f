"""Runs in MicroPython: I2S words through the integer kernel as they come, to the end of input.

Arguments: the folder with its modules; words a block, and a second. Standard input: words.
Prints one `BlockSums` a second as a JSON list, and of what is left at the end.
"""

import json
import sys

sys.path.insert(0, sys.argv[1])

from tamer.hear.kernel.kernel_int import Kernel

source = sys.stdin.buffer
block, second = int(sys.argv[2]), int(sys.argv[3])
kernel = Kernel(1 + second // block)
words = bytearray(4 * block)
view = memoryview(words)


def fill(n):
    """Read up to n words; a pipe gives them in parts, of any number of bytes."""
    done = 0
    while done < 4 * n:
        got = source.readinto(view[done : 4 * n])
        if not got:
            break
        done += got
    return done // 4


left = second
while True:
    n = fill(min(block, left))
    if n:
        kernel.run(words, n)
        left -= n
    if not left or (not n and left < second):
        print(json.dumps(list(kernel.take())))
        left = second
    if not n:
        break
