"""ntptime: the host answers in place of a time server."""

import struct

import rtc
import square
import virtual_clock

_UNIX_2000 = 946684800

host = "pool.ntp.org"
timeout = 1


def time():
    answer = bytearray(8)
    square.ask(b"n", virtual_clock.now, b"", answer)
    return struct.unpack("<q", answer)[0] - _UNIX_2000


def settime():
    rtc.set_clock(time())
