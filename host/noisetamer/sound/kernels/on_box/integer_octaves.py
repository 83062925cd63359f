"""Runs in MicroPython: signals of I2S words through the integer octave bank, each at rest.

Argument: the firmware's folder. Standard input: a line of JSON with third_octaves, the
equaliser and, for each signal, the block and after how many samples to take; then all words.
Prints the mean squares of one take as a JSON list.
"""

import json
import sys
from array import array

sys.path.insert(0, sys.argv[1])

from tamer.hear.bands.octaves_int import Bank

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
for signal in plan["signals"]:
    bank = Bank(plan["third_octaves"], plan["equaliser"])
    start = 0
    for take in signal["takes"]:
        while start < take:
            n = min(signal["block"], take - start)
            bank.run(words(n), n)
            start += n
        print(json.dumps(list(bank.take())))
