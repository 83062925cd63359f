"""Runs in MicroPython: the integer kernel's own start and take, for blocks run elsewhere.

Arguments: the firmware's folder; then `start`, which prints the words it leaves of a block and
its state at rest as JSON, or `take`, which reads lines of JSON, each the blocks of one take as
pairs (words left, samples), and prints one `BlockSums` a line.
"""

import json
import sys

sys.path.insert(0, sys.argv[1])

from tamer.hear.kernel.kernel_int import Kernel

if sys.argv[2] == "start":
    kernel = Kernel(1)
    print(json.dumps({"size": len(kernel._results), "state": bytes(kernel._state).hex()}))
else:
    for line in sys.stdin:
        blocks = json.loads(line)
        kernel = Kernel(len(blocks))
        for at, (words, length) in enumerate(blocks):
            for i, word in enumerate(words):
                kernel._blocks[at][i] = word
            kernel._lengths[at] = length
        kernel._count = len(blocks)
        print(json.dumps(list(kernel.take())))
