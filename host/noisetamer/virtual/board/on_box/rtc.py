"""machine.RTC with a clock that can be set; the host keeps it over a soft reset."""

import struct
import time

import host_pipe
import machine
import pipe
import virtual_clock


def set_clock(seconds):
    """`seconds` since 2000."""
    time.power_on += seconds - time.time()
    unix_time = struct.pack(pipe.UNIX_TIME, seconds + pipe.EPOCH_2000)
    host_pipe.send(pipe.CLOCK_SET, virtual_clock.now, unix_time)


class RTC(machine.RTC):
    """With its date and time, as MicroPython's."""

    def datetime(self, to=None):
        """(year, month, day, weekday, hour, minute, second, microsecond)"""
        if to is None:
            year, month, day, hour, minute, second, weekday, _ = time.gmtime()
            return (year, month, day, weekday, hour, minute, second, 0)
        year, month, day, _, hour, minute, second, _ = to
        set_clock(time.mktime((year, month, day, hour, minute, second, 0, 0)))
        return None

    init = datetime
