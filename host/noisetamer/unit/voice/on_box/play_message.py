"""Runs in MicroPython: a message as the box plays it.

Arguments: the firmware's folder, the message's file, the volume in dB. Standard output: the
samples, 16 bit.
"""

import sys

sys.path.insert(0, sys.argv[1])

from tamer.act.message import ROOM, Message
from tamer.act.wav import LARGEST_BLOCK

samples = bytearray(ROOM)
with open(sys.argv[2], "rb") as file:
    message = Message(file, float(sys.argv[3]), bytearray(LARGEST_BLOCK))
    while n := message.read(samples):
        sys.stdout.buffer.write(memoryview(samples)[: 2 * n])
