"""Runs in MicroPython: the firmware's kernel over I2S words from standard input.

Argument: the firmware's folder. Prints one `Found` a second as a JSON list, and one of what
is left at the end.
"""

import json
import sys
from array import array

sys.path.insert(0, sys.argv[1])

from tamer.hear import kernels  # noqa: E402 (found through the argument)

_BLOCK = 6000
_BLOCKS = 8

words = array("i", bytes(4 * _BLOCK))
kernel = kernels.best(_BLOCKS)
source = sys.stdin.buffer


def fill():
    """Words read into the block; fewer than a block only at the end."""
    view = memoryview(words)
    done = 0
    while done < 4 * _BLOCK:
        data = source.read(4 * _BLOCK - done)
        if not data:
            break
        view[done // 4 : (done + len(data)) // 4] = array("i", data)
        done += len(data)
    return done // 4


blocks = 0
while True:
    n = fill()
    if n:
        kernel.run(words, n)
        blocks += 1
    if blocks == _BLOCKS or blocks and n < _BLOCK:
        print(json.dumps(list(kernel.take())))
        blocks = 0
    if n < _BLOCK:
        break
print(kernel.name)
