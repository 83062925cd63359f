"""Runs in MicroPython: by how many 0.1 dB each microphone's equaliser lifts the rumble.

Arguments: the firmware's folder, the folder of the microphones' profiles, their names.
"""

import math
import sys
from array import array

sys.path[:0] = sys.argv[1:3]

from tamer.hear.validity.rumble import RumbleMeter

_SHAKE = array("i", [round(1e5 * math.sin(2 * math.pi * 8 * i / 48000)) << 8 for i in range(6000)])


def level(rumble):
    for _ in range(16):
        rumble.run(_SHAKE, len(_SHAKE))
    rumble.take(120.0)
    for _ in range(8):
        rumble.run(_SHAKE, len(_SHAKE))
    return rumble.take(120.0).level


for name in sys.argv[3:]:
    profile = __import__(name).PROFILE
    print(level(RumbleMeter(profile.equaliser)) - level(RumbleMeter()))
