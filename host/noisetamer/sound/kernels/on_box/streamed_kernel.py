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
words = bytearray(4 * block)
# Samples of fewer bytes than a word's lie at the end, and are widened from the begin on.
view = memoryview(words)[(4 - width) * block :]


def fill(n):
    """Read up to n samples; a pipe gives them in parts, of any number of bytes."""
    done = 0
    while done < width * n:
        got = source.readinto(view[done : width * n])
        if not got:
            break
        done += got
    n = done // width
    if widen:
        widen(words, (4 - width) * block // 4, n + 3 & -4)
    return n


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
