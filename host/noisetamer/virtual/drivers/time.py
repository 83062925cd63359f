"""time, as the ESP32 has it: ticks that wrap at 2**30, an epoch of 2000, virtual."""

import utime as _real
import virtual_clock as _clock
from pipe import EPOCH_2000

_PERIOD = 1 << 30

# Seconds since 2000 at power-on, as the box believes, and as it is.
power_on = 0
right = 0


def ticks_us():
    """us, modulo 2**30."""
    return _clock.now & (_PERIOD - 1)


def ticks_ms():
    """ms, modulo 2**30."""
    return _clock.now // 1000 & (_PERIOD - 1)


ticks_cpu = ticks_us


def ticks_add(ticks, delta):
    """Modulo 2**30."""
    return (ticks + delta) & (_PERIOD - 1)


def ticks_diff(later, earlier):
    """Signed: from -2**29 to 2**29 - 1."""
    return ((later - earlier + (_PERIOD >> 1)) & (_PERIOD - 1)) - (_PERIOD >> 1)


def sleep_us(us):
    """Block, in virtual time."""
    _clock.sleep(us)


def sleep_ms(ms):
    """Block, in virtual time."""
    _clock.sleep(1000 * ms)


def sleep(s):
    """Block, in virtual time."""
    _clock.sleep(int(1000000 * s))


def time():
    """Whole seconds since 2000, as the box believes."""
    return power_on + _clock.now // 1000000


def time_ns():
    """ns since 2000, as the box believes."""
    return power_on * 1000000000 + _clock.now * 1000


def gmtime(seconds=None):
    """(year, month, day, hour, minute, second, weekday, day of the year, summer time: 0)."""
    return _real.gmtime((time() if seconds is None else seconds) + EPOCH_2000)


localtime = gmtime


def mktime(fields):
    """Seconds since 2000."""
    return _real.mktime(fields) - EPOCH_2000
