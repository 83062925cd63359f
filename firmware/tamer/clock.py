"""Wall time from the machine's own clock, which knows it only after somebody set it."""

import time

# Ports count from 1970 or from 2000; Unix time is what leaves this room.
_EPOCH = {1970: 0, 2000: 946684800}[time.gmtime(0)[0]]

# Before this the clock has not been set: 2025-01-01.
_SET_AFTER = 1735689600


def now():
    """Unix time, whole seconds."""
    return int(time.time()) + _EPOCH


def known():
    """Whether anybody has set the clock since the power came."""
    return now() >= _SET_AFTER


def synchronise():
    """Ask the network for the time; without an answer the clock stays as it is."""
    import ntptime

    try:
        ntptime.settime()
    except OSError:
        pass
