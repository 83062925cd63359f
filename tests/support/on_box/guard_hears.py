"""Runs in MicroPython: what the box's ear and its guard find in I2S words, second by second.

Arguments: the firmware's folder, a file of words (24 bits left-aligned in 32). Prints a line for
each second: LAeq, LCeq, level and span of the rumble, hiss, all in 0.1 dB, the reason, and
whether the doctor is called.
"""

import sys
from array import array

sys.path.insert(0, sys.argv[1])

from tamer.hear.diagnosis.quick_check import Glance
from tamer.hear.kernel.kernel_int import Kernel
from tamer.hear.kernel.meter import levels
from tamer.hear.kernel.profile import profile
from tamer.hear.validity.rumble import Rumble
from tamer.hear.validity.validity import Guard, Measured

_FULL_SCALE = 120.0
_BLOCK, _BLOCKS = 6000, 8

microphone = profile("INMP441", -26.0, 3.0, 33.0, 120.0, 85)
kernel, glance, rumble, guard = Kernel(_BLOCKS), Glance(), Rumble(), Guard(microphone)
block = array("i", bytes(4 * _BLOCK))
words = open(sys.argv[2], "rb")
count = 0
while words.readinto(block):
    for listener in (glance, rumble, kernel):
        listener.run(block, _BLOCK)
    count += 1
    if count % _BLOCKS == 0:
        found = kernel.take()
        heard = levels(found, _FULL_SCALE)
        glanced, rumbled = glance.take(_FULL_SCALE), rumble.take(_FULL_SCALE)
        measured = Measured(heard, None, found, glanced, rumbled, False, 0)
        why = guard.reason(measured, False, True)
        call = guard.wants_doctor()
        if call:
            guard.told([])
        print(heard[0], heard[2], rumbled.level, rumbled.span, glanced.hiss, why, int(call))
