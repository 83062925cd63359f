"""machine.RTC with a clock that can be set; the host keeps it over a soft reset."""

import struct
import time

import machine
import square
import virtual_clock

_UNIX_2000 = 946684800


def set_clock(seconds):
    """`seconds` since 2000."""
    time.power_on += seconds - time.time()
    square.tell(b"t", virtual_clock.now, struct.pack("<q", seconds + _UNIX_2000))


class RTC(machine.RTC):
    def datetime(self, to=None):
        """(year, month, day, weekday, hour, minute, second, microsecond)"""
        if to is None:
            year, month, day, hour, minute, second, weekday, _ = time.gmtime()
            return (year, month, day, weekday, hour, minute, second, 0)
        year, month, day, _, hour, minute, second, _ = to
        set_clock(time.mktime((year, month, day, hour, minute, second, 0, 0)))
        return None

    init = datetime
