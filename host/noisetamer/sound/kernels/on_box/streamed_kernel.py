"""Runs in MicroPython: sound through the integer kernel as it comes, to the end of input.

Arguments: the folder with its modules; samples a block, a multiple of 4, and a second; bytes a
sample. Standard input: samples of 4 bytes as an I2S microphone's words, of 3 or 2 as a WAV's.
Prints one `BlockSums` a second as a JSON list, and of what is left at the end.
"""

import json
import sys

sys.path.insert(0, sys.argv[1])

from widening import widen_16, widen_24

from tamer.hear.kernel.kernel_int import Kernel

source = sys.stdin.buffer
block, second, width = (int(argument) for argument in sys.argv[2:])
widen = {2: widen_16, 3: widen_24}.get(width)
kernel = Kernel(1 + second // block)
words = memoryview(bytearray(4 * block + width * second))
# A second as it comes, behind the block that it is widened to.
heard = words[4 * block :]


def fill():
    """Read up to a second's samples; a pipe gives them in parts, of any number of bytes."""
    done = 0
    while done < len(heard):
        got = source.readinto(heard[done:])
        if not got:
            break
        done += got
    return done // width


while True:
    there = fill()
    for at in range(0, there, block):
        n = min(block, there - at)
        if widen:
            widen(words, block + width * at // 4, n + 3 & -4)
            kernel.run(words, n)
        else:
            kernel.run(heard[4 * at :], n)
    if there:
        print(json.dumps(list(kernel.take())))
    if there < second:
        break
