"""ntptime: the right time is always to be had."""

import time


def settime():
    """Set the clock."""
    time.power_on = time.right
