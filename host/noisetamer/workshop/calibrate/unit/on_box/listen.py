"""Runs on the unit in place of main.py: what its kernel finds, block by block, on the console.

One line of JSON says what the unit is, then one a block: samples, Z, C, A, raw_min, raw_max of
`BlockSums`, and a piece of the wave: base64 of int16, the upper halves of the raw words. The
pieces of a second make up its first 2048 samples; in one piece the line would take longer than a
block. Any character from the console ends it.
"""

import json
import select
import sys
from array import array
from binascii import b2a_base64

import board

from tamer import hardware

# As in main.py: the board's buffers before all else.
made = hardware.make(board.BOARD)

from tamer import VERSION, settings
from tamer.hear.kernel import kernels

_WAVE = 2048


def listen(seconds):
    microphone = made.microphone
    profile = microphone.profile
    own, _ = settings.load()
    equaliser = own["equaliser"] or profile.equaliser
    kernel, _ = kernels.best(1, equaliser)
    blocks = microphone.rate // microphone.block
    head = {
        "unit": own["unit"],
        "firmware": VERSION,
        "calibration": own["calibration"] or 0.0,
        "equaliser": equaliser,
        "profile": list(profile),
        "blocks": blocks,
    }
    print(json.dumps(head))
    wave = array("h", bytes(2 * _WAVE))
    view = memoryview(wave)
    piece = _WAVE // blocks
    words = microphone.buffers[0]
    console = select.poll()
    console.register(sys.stdin, select.POLLIN)
    for number in range(seconds * blocks):
        if console.poll(0) and sys.stdin.read(1):
            return
        part = number % blocks
        microphone.i2s.readinto(words)
        made.watchdog.feed()
        if part == 0:
            for i in range(_WAVE):
                wave[i] = words[i] >> 16
        kernel.run(words, microphone.block)
        found = kernel.take()
        last = _WAVE if part == blocks - 1 else (part + 1) * piece
        told = b2a_base64(view[part * piece : last]).decode().strip()
        values = (found.n, found.Z, found.C, found.A, found.raw_min, found.raw_max, told)
        print(json.dumps(values))
