"""machine, as the ESP32 has it, with the host at the other end of the wires.

What is not said here is as MicroPython documents it. Time is virtual: us since power-on.
"""

import struct

import host_pipe
import pipe
import time
import virtual_clock as clock
from micropython import const

PWRON_RESET = const(1)
HARD_RESET = const(2)
WDT_RESET = const(3)
DEEPSLEEP_RESET = const(4)
SOFT_RESET = const(5)

# What made the box start, and an open file: both set at power-on.
cause = PWRON_RESET
retained = None


def reset_cause():
    """One of the constants above."""
    return cause


def reset():
    """The host cuts the power, and turns it on again."""
    _end(pipe.RESET)


def lose_power():
    """The host cuts the power for a while."""
    _end(pipe.POWER_CUT)


def _end(kind):
    """Wait for the host to do so. A chip that starts anew hears no Ctrl-C meanwhile."""
    while True:
        try:
            host_pipe.ask(kind, clock.now, b"", bytearray(1))
            raise SystemExit
        except KeyboardInterrupt:
            pass


def unique_id():
    """The same of every box: settings.json says which unit it is."""
    return b"\x02\x00\x00\x00\x00\x01"


def freq(hz=None):
    """In Hz; virtual time does not depend on it."""
    return 240000000


class Pin:
    """An output that the host sees switch; as an input it reads what it was set to."""

    IN = const(0)
    OUT = const(1)
    PULL_UP = const(2)
    PULL_DOWN = const(1)

    def __init__(self, number, mode=IN, pull=None, value=None):
        self._number = number
        self._value = 0
        if value is not None:
            self.value(value)

    def value(self, value=None):
        """Read it, or set it; the host hears only of a change."""
        if value is None:
            return self._value
        if value != self._value:
            self._value = value
            host_pipe.send(pipe.PIN, clock.now, bytes((self._number, 1 if value else 0)))
        return None

    __call__ = value

    def on(self):
        """High."""
        self.value(1)

    def off(self):
        """Low."""
        self.value(0)


class PWM:
    """On as soon as there is any duty: the square sees no dimming."""

    def __init__(self, pin, freq=1000, duty_u16=0):
        self._pin = pin
        self.duty_u16(duty_u16)

    def duty_u16(self, duty):
        """Of 65535."""
        self._pin.value(1 if duty else 0)

    def deinit(self):
        """Off."""
        self._pin.value(0)


class Counter:
    """Counts the pulses at a pin (PCNT); nothing here gives any."""

    def __init__(self, id, src):
        pass

    def value(self):
        """How many there were."""
        return 0


class RTC:
    """The real-time clock and its memory, which a reset leaves alone."""

    def datetime(self, to=None):
        """(year, month, day, weekday, hour, minute, second, us), read or set."""
        if to is None:
            year, month, day, hour, minute, second, weekday, _ = time.gmtime()[:8]
            us = (time.power_on_us + clock.now) % 1000000
            return (year, month, day, weekday, hour, minute, second, us)
        year, month, day, _, hour, minute, second, us = to
        seconds = time.mktime((year, month, day, hour, minute, second))
        time.set_us(1000000 * seconds + us)
        return None

    init = datetime

    def memory(self, data=None):
        """Read it, or write at most 2048 bytes. Raises ValueError for more."""
        retained.seek(0)
        if data is None:
            length = int.from_bytes(retained.read(2), "little")
            return retained.read(length)
        if len(data) > 2048:
            raise ValueError("buffer too long")
        # Not flushed: that would wait for the host's disk, and what is written outlives the box.
        retained.write(len(data).to_bytes(2, "little") + data)
        return None


class WDT:
    """Resets the box unless it is fed within `timeout` ms.

    One for the whole chip: constructed again, it takes the new timeout
    (esp_task_wdt_reconfigure).
    """

    _timeout = 0
    _fed = 0

    def __init__(self, id=0, timeout=5000):
        runs = WDT._timeout
        WDT._timeout = 1000 * timeout
        WDT._fed = clock.now
        if not runs:
            clock.at(clock.now + WDT._timeout, _look)

    def feed(self):
        """Begin the timeout anew."""
        WDT._fed = clock.now


def _look():
    if clock.now - WDT._fed >= WDT._timeout:
        _end(pipe.WATCHDOG)
    clock.at(WDT._fed + WDT._timeout, _look)


class Timer:
    """Calls back once, after `period` ms, as the ESP32's hardware timers do."""

    ONE_SHOT = const(0)
    PERIODIC = const(1)

    def __init__(self, id):
        if id not in (0, 1):
            raise ValueError("invalid Timer number")
        self._callback = None

    def init(self, *, mode=PERIODIC, period=-1, callback=None):
        """Begin anew."""
        if mode != Timer.ONE_SHOT:
            raise NotImplementedError
        self._callback = callback
        clock.at(clock.now + 1000 * period, self._happen)

    def deinit(self):
        """No more."""
        self._callback = None

    def _happen(self):
        if self._callback:
            self._callback(self)


# What is not of words.
_BYTES = (bytes, bytearray, memoryview)


class I2S:
    """One I2S peripheral in the driver's interrupt mode (blocking without `irq`).

    Receiving buffers whole DMA descriptors of 256 frames; a reader later than they last loses
    the oldest samples without notice (as on the chip).
    """

    RX = const(0)
    TX = const(1)
    MONO = const(0)
    STEREO = const(1)

    def __init__(self, id, *, sck, ws, sd, mode, bits, format, rate, ibuf):
        if id not in (0, 1):
            raise ValueError("invalid id")
        self._sending = mode == I2S.TX
        self._rate = rate
        self._bytes = bits // 8 * (2 if format == I2S.STEREO else 1)
        self._callback = None
        self._began = clock.now
        self._frame = 0  # the next frame to be handed over
        self._told = -1  # the first frame of what the host has told ahead
        self._blocks = bytearray(1)  # in its last answer
        self._wanted = None  # buffer, first frame, how many
        self._buffered = max(2, ibuf // 2048) * 256
        self._held_us = ibuf * 1000000 // (self._bytes * rate)
        self._end = 0  # when the last sample given to the amplifier has been played

    def irq(self, callback):
        """Call back when a buffer is full or played, instead of blocking."""
        self._callback = callback

    def deinit(self):
        """No more callbacks."""
        self._callback = None

    def readinto(self, buffer):
        """Fill a buffer with the next frames; returns its size in bytes."""
        element = 1 if isinstance(buffer, _BYTES) else 4
        frames = len(buffer) * element // self._bytes
        captured = (clock.now - self._began) * self._rate // 1000000
        first = max(self._frame, captured - self._buffered)
        self._frame = first + frames
        self._wanted = buffer, first, frames
        self._when(self._began + self._frame * 1000000 // self._rate, self._take)
        return frames * self._bytes

    def _take(self):
        # From what the host has told ahead, unless it no longer holds.
        buffer, first, frames = self._wanted
        size = frames * self._bytes
        if host_pipe.answers_stale or first != self._told or host_pipe.ahead < size:
            host_pipe.answers_stale = False
            query = struct.pack(pipe.SAMPLES_QUERY, first, frames)
            host_pipe.ask(pipe.SAMPLES, clock.now, query, self._blocks)
            host_pipe.ahead = self._blocks[0] * size
        host_pipe.read_on(buffer)
        host_pipe.ahead -= size
        self._told = first + frames
        if self._callback:
            self._callback(self)

    def write(self, buffer):
        """Play a buffer after what plays already; returns its size in bytes."""
        start = max(clock.now, self._end)
        self._end = start + len(buffer) // self._bytes * 1000000 // self._rate
        host_pipe.send(pipe.SPEECH, start, buffer, struct.pack(pipe.RATE, self._rate))
        self._when(max(clock.now, self._end - self._held_us), self._played)
        return len(buffer)

    def _played(self):
        if self._callback:
            self._callback(self)

    def _when(self, due, work):
        if self._callback is None:
            clock.sleep(max(0, due - clock.now))
            work()
        else:
            clock.at(due, work)
