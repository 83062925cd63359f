"""Runs in MicroPython: a block is decoded and shaped while nothing can be allocated.

Argument: the firmware's folder. Prints how many samples it was.
"""

import sys

import micropython

sys.path.insert(0, sys.argv[1])

from tamer.act import adpcm, volume

block = bytearray(b"\x34\x12\x20\x00" + b"\x9f" * 508)
samples = bytearray(2034)
made = 0


def play_a_block():
    made = adpcm.decode(block, 512, samples)
    volume.shape(samples, made, 0, 5000, 20000)
    return made


micropython.heap_lock()
try:
    made = play_a_block()
finally:
    micropython.heap_unlock()

print(made)
