"""Runs in MicroPython: passages of I2S words through the integer kernel, each at rest.

Argument: the firmware's folder. Standard input: a line of JSON with the equaliser and, for
each passage, the block and after how many samples to take; then all words. Prints one `Found`
a take as a JSON list.
"""

import json
import sys
from array import array

sys.path.insert(0, sys.argv[1])

from tamer.hear.kernel_int import Kernel

source = sys.stdin.buffer


def words(n):
    """The next n; a pipe gives them in parts."""
    data = b""
    while len(data) < 4 * n:
        part = source.read(4 * n - len(data))
        if not part:
            raise EOFError("the words ended too early")
        data += part
    return array("i", data)


plan = json.loads(source.readline())
for passage in plan["passages"]:
    block, takes = passage["block"], passage["takes"]
    kernel = Kernel(1 + takes[-1] // block, plan["equaliser"])
    start = 0
    for take in takes:
        while start < take:
            n = min(block, take - start)
            kernel.run(words(n), n)
            start += n
        print(json.dumps(list(kernel.take())))
