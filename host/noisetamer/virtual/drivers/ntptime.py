"""ntptime: whoever asks is told the right time."""

import time


def settime():
    time.power_on = time.right
