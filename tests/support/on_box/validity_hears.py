"""Runs in MicroPython: what the box finds in I2S words, second by second.

Arguments: the firmware's folder, a file of words (24 bits left-aligned in 32). Prints a line for
each second: LAeq, LCeq, level and span of the rumble, hiss, all in 0.1 dB, the reason, and
whether a diagnosis is due.
"""

import sys
from array import array

sys.path.insert(0, sys.argv[1])

from tamer.hear.diagnosis.monitor import Monitor
from tamer.hear.diagnosis.quick_check import QuickCheck
from tamer.hear.kernel.kernel_int import Kernel
from tamer.hear.kernel.meter import levels
from tamer.hear.kernel.profile import profile
from tamer.hear.validity.reasons import Measured, Validity
from tamer.hear.validity.rumble import RumbleMeter

_FULL_SCALE = 120.0
_BLOCK, _BLOCKS = 6000, 8

microphone = profile("INMP441", -26.0, 3.0, 33.0, 120.0, 85)
kernel, quick_check, rumble_meter = Kernel(_BLOCKS), QuickCheck(), RumbleMeter()
monitor = Monitor(microphone)
validity = Validity(microphone, monitor)
block = array("i", bytes(4 * _BLOCK))
words = open(sys.argv[2], "rb")
count = 0
while words.readinto(block):
    for listener in (quick_check, rumble_meter, kernel):
        listener.run(block, _BLOCK)
    count += 1
    if count % _BLOCKS == 0:
        sums = kernel.take()
        heard = levels(sums, _FULL_SCALE)
        quick, rumble = quick_check.take(_FULL_SCALE), rumble_meter.take(_FULL_SCALE)
        measured = Measured(heard, None, sums, quick, rumble, False, 0)
        why = validity.reason(measured, False, True)
        due = monitor.wants_diagnosis()
        if due:
            monitor.diagnosed([])
        print(heard[0], heard[2], rumble.level, rumble.span, quick.hiss, why, int(due))
