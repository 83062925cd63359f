"""ntptime, with the manners of MicroPython's: it blocks while it looks a name up and waits."""

import faults
import time
import virtual_clock as clock

# 2000 as NTP's zero in its second era has it: 2036-02-07 06:28:16.
_ZERO = 1139293696


def settime():
    """Set the clock. Raises OSError where no server answers."""
    if faults.on("no-access-point", "wrong-key", "no-address", "dns-silent"):
        clock.sleep(7000000)
        raise OSError(-202)
    if faults.on("ntp-lost"):
        clock.sleep(1000000)
        raise OSError(116)
    if faults.on("ntp-zero"):
        time.set_us(_ZERO * 1000000)
    elif faults.on("ntp-wrong"):
        time.set_us(time.true_us() + 631152000000000)
    else:
        time.set_us(time.true_us())
