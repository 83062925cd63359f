"""Runs in MicroPython: the integer kernel over the same second of I2S words again and again.

Argument: the firmware's folder. Standard input: a line of JSON with the seconds and the block,
then one second of words. Prints one `BlockSums` a second as a JSON list.
"""

import json
import sys
from array import array

sys.path.insert(0, sys.argv[1])

from tamer.hear.kernel.kernel_int import Kernel

plan = json.loads(sys.stdin.buffer.readline())
second = array("i", sys.stdin.buffer.read())
block = plan["block"]
kernel = Kernel(len(second) // block)
# The kernel overwrites what it is given.
given = array("i", bytes(4 * block))
whole, parts = memoryview(given), []
for start in range(0, len(second), block):
    parts.append(memoryview(second)[start : start + block])
for _ in range(plan["seconds"]):
    for part in parts:
        whole[:] = part
        kernel.run(given, block)
    print(json.dumps(list(kernel.take())))
