"""Runs in MicroPython: signals of I2S words through the integer kernel, each at rest.

Argument: the firmware's folder. Standard input: a line of JSON with the equaliser and, for
each signal, the block and after how many samples to take; then all words. Prints one `BlockSums`
a take as a JSON list.
"""

import json
import sys

sys.path.insert(0, sys.argv[1])

from tamer.hear.kernel.kernel_int import Kernel

source = sys.stdin.buffer


def fill(words, n):
    """Read the next n into the buffer; a pipe gives them in parts, of any number of bytes."""
    view = memoryview(words)
    done = 0
    while done < 4 * n:
        got = source.readinto(view[done : 4 * n])
        if not got:
            raise EOFError("the words ended too early")
        done += got


plan = json.loads(source.readline())
for signal in plan["signals"]:
    block, takes = signal["block"], signal["takes"]
    longest = max(take - before for before, take in zip([0] + takes, takes))
    kernel = Kernel(1 + longest // block, plan["equaliser"])
    words = bytearray(4 * block)
    start = 0
    for take in takes:
        while start < take:
            n = min(block, take - start)
            fill(words, n)
            kernel.run(words, n)
            start += n
        print(json.dumps(list(kernel.take())))
