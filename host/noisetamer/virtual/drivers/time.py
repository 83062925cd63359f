"""time, as the ESP32 has it: ticks that wrap at 2**30, an epoch of 2000, virtual."""

import faults as _faults
import utime as _real
import virtual_clock as _clock
from micropython import const
from pipe import EPOCH_2000, FAST_CRYSTAL

_PERIOD = const(1 << 30)

# Seconds since 2000 at power-on, as the box believes (and us), and as it is.
power_on = 0
power_on_us = 0
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
    return power_on + (power_on_us + _clock.now) // 1000000


def time_ns():
    """ns since 2000, as the box believes."""
    return power_on * 1000000000 + (power_on_us + _clock.now) * 1000


def true_us():
    """us since 2000, as it is: the box's own seconds are shorter while its crystal is fast."""
    fast = 0
    for begin, end in _faults.spans("fast-crystal"):
        fast += max(0, min(end, _clock.now) - begin)
    return right * 1000000 + _clock.now - fast * FAST_CRYSTAL // 1000000


def set_us(us):
    """Let the clock show us since 2000."""
    global power_on, power_on_us
    power_on, power_on_us = divmod(us - _clock.now, 1000000)
    on_set(us - true_us())


def on_set(error_us):
    """Somebody has set the clock, so wrong; replaced at power-on."""


def gmtime(seconds=None):
    """(year, month, day, hour, minute, second, weekday, day of the year, summer time: 0)."""
    return _real.gmtime((time() if seconds is None else seconds) + EPOCH_2000)


localtime = gmtime


def mktime(fields):
    """Seconds since 2000; fields are UTC, whatever zone this computer is in."""
    year, month, day, hour, minute, second = fields[:6]
    # Days since 2000-03-01 in years that begin in March, so that the leap day is the last.
    year, month = year + (month - 3) // 12, (month - 3) % 12
    leaps = year // 4 - year // 100 + year // 400
    days = 365 * (year - 2000) + leaps - 485 + (153 * month + 2) // 5 + day - 1
    return 86400 * (days + 60) + 3600 * hour + 60 * minute + second
