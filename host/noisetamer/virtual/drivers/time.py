"""time, as the ESP32 has it: ticks that wrap at 2**30, an epoch of 2000, virtual."""

import utime as _real
import virtual_clock as _clock
from pipe import EPOCH_2000

_PERIOD = 1 << 30

# Seconds since 2000 at power-on, as the box believes, and as it is.
power_on = 0
right = 0


def ticks_us():
    return _clock.now & (_PERIOD - 1)


def ticks_ms():
    return _clock.now // 1000 & (_PERIOD - 1)


ticks_cpu = ticks_us


def ticks_add(ticks, delta):
    return (ticks + delta) & (_PERIOD - 1)


def ticks_diff(later, earlier):
    return ((later - earlier + (_PERIOD >> 1)) & (_PERIOD - 1)) - (_PERIOD >> 1)


def sleep_us(us):
    _clock.sleep(us)


def sleep_ms(ms):
    _clock.sleep(1000 * ms)


def sleep(s):
    _clock.sleep(int(1000000 * s))


def time():
    return power_on + _clock.now // 1000000


def time_ns():
    return power_on * 1000000000 + _clock.now * 1000


def gmtime(seconds=None):
    return _real.gmtime((time() if seconds is None else seconds) + EPOCH_2000)


localtime = gmtime


def mktime(fields):
    return _real.mktime(fields) - EPOCH_2000
