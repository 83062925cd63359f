"""What time it is: the box's own seconds since its start, and Unix time once somebody told it.

A chip forgets the time without power. What it has kept over a reset is taken; else NTP or the hub
tell it. A time before the firmware was made, or some ten years after, is nobody's.
"""

import time

from tamer import BUILT

NTP, HUB, CHIP = "ntp", "hub", "chip"

# Ports count from 1970 or from 2000; Unix time is what leaves this room.
_EPOCH = {1970: 0, 2000: 946684800}[time.gmtime(0)[0]]

# A chip's own clock that shows less has never been set: 2025-01-01.
_SET_AFTER = 1735689600
# Nine years: an NTP answer of zero reads as 2036, an old box's as well.
_LATEST = BUILT + 9 * 31557600

# What the hub says takes a while to arrive: nearer than that it is no news, ms.
_HUB_ERROR = 2000
# While the hub's word is so fresh, NTP, which anybody can answer, may differ by no more, ms.
_HUB_HOLDS = 2 * 86400000
_CONTRADICTION = 10000
# Drift is measured over so many times the doubt about both ends, so to 20 parts in a million; no
# crystal is off by more than 200, 0.1 ppm.
_DRIFT_OVER = 50000
_LEAST_DRIFT_OVER = 1800000  # ms
_WORST_CRYSTAL = 2000


def is_possible(unix):
    """Whether it can be the time, Unix s, of a box that runs this firmware or an earlier one."""
    return _SET_AFTER <= unix < _LATEST


class ChipClock:
    """The chip's own: ticks, and a date that outlasts a reset."""

    def __init__(self, rtc):
        """`rtc`: machine.RTC()."""
        self._rtc = rtc

    def ticks(self):
        """ms, wrapping."""
        return time.ticks_ms()

    def since(self, ticks):
        """ms; asked for at least every few days, before they wrap."""
        return time.ticks_diff(time.ticks_ms(), ticks)

    def read(self):
        """Unix time, ms; of 1970 or 2000 where nobody has set it."""
        return time.time_ns() // 1000000 + 1000 * _EPOCH

    def set(self, unix_ms):
        """From then on `read` goes on from here; TLS dates certificates by it."""
        date = time.gmtime(unix_ms // 1000 - _EPOCH)
        year, month, day, hour, minute, second, weekday = date[:7]
        us = unix_ms % 1000 * 1000
        self._rtc.datetime((year, month, day, weekday, hour, minute, second, us))


class Clock:
    """One boot's."""

    def __init__(self, chip, memory):
        """`chip`: a ChipClock. `memory`: the chip's own (esp32.NVS)."""
        self._chip = chip
        self._memory = memory
        self._own = 0
        self._ticks = chip.ticks()
        self._zero = None  # Unix ms, once known, at the own ms
        self._at = 0
        self._gain = 0  # what the crystal gains, 0.1 ppm
        self._ntp_at = None  # when NTP last told the time, own ms, and how far off it may be
        self._unsure = 0
        self._hub_at = None  # when the hub did
        self._news = None
        # What it was lent is gone with the power.
        self._lent = _number(memory, "lent") == 1 and chip.read() >= 1000 * BUILT
        self.known()
        self._news = None

    def start(self):
        """The box's second 0 begins."""
        self._at -= self._own_ms()
        self._own = 0

    def known(self):
        """Whether it knows the time: from the chip's own clock as well, once somebody set that."""
        if self._zero is None and not self._lent:
            unix = self._chip.read()
            if is_possible(unix // 1000):
                self._zero, self._at = unix, self._own_ms()
                self._news = (CHIP, None, None)
        return self._zero is not None

    def now(self):
        """Whole seconds: Unix time, or undated, since the start."""
        return self.now_ms() // 1000

    def now_ms(self):
        """The same in ms. To be asked for at least every few days."""
        own = self._own_ms()
        if self._zero is None:
            return own
        passed = own - self._at
        return self._zero + passed - passed * self._gain // 10000000

    def told(self, unix_ms, source, unsure_ms=0):
        """Whether it has taken the time that `source` (NTP or HUB) has told, sure to so many ms.

        An absurd one it does not take, nor from NTP one that contradicts the hub, which has proved
        who it is: it would change the box's record unseen.
        """
        if not 1000 * BUILT <= unix_ms < 1000 * _LATEST:
            return False
        step = drift = None
        own = self._own_ms()
        if self._zero is not None:
            step = unix_ms - self.now_ms()
            if source == HUB and abs(step) <= _HUB_ERROR:
                self._hub_at = own
                return True
            if source == NTP and abs(step) > _CONTRADICTION and self._hub_holds(own):
                return False
            if source == NTP:
                drift = self._drift(step, own, unsure_ms)
        if drift is not None:
            self._gain = drift
        if source == HUB:
            self._hub_at = own
        self._ntp_at = own if source == NTP else None
        self._unsure = unsure_ms
        self._zero, self._at = unix_ms, own
        self._news = (source, step, drift)
        self._keep(unix_ms)
        return True

    def news(self):
        """(source, step, drift), once after the time was told: ms by which the clock was put on,
        and what it gains by itself, 0.1 ppm; either may be None. None while there is no news."""
        news, self._news = self._news, None
        return news

    def lend(self):
        """While the time is unknown, give the chip the earliest date that it can be.

        TLS wants one: by a clock of the year 2000 no certificate is valid yet.
        """
        floor = 1000 * max(BUILT, _number(self._memory, "time"))
        if self._zero is not None or floor <= self._chip.read() < 1000 * _LATEST:
            return
        if not self._lent:
            # First of all: a reset must not take it for the time.
            self._lent = True
            self._memory.set_i32("lent", 1)
            self._memory.commit()
        self._chip.set(floor)

    def _own_ms(self):
        passed = self._chip.since(self._ticks)
        self._ticks = self._chip.ticks()
        self._own += passed
        return self._own

    def _hub_holds(self, own):
        return self._hub_at is not None and own - self._hub_at < _HUB_HOLDS

    def _drift(self, step, own, unsure_ms):
        """What the crystal gains, 0.1 ppm; None where that cannot be told."""
        if self._ntp_at is None:
            return None
        passed = own - self._ntp_at
        if passed < max(_LEAST_DRIFT_OVER, _DRIFT_OVER * (unsure_ms + self._unsure)):
            return None
        gain = self._gain - step * 10000000 // passed
        return gain if abs(gain) <= _WORST_CRYSTAL else None

    def _keep(self, unix_ms):
        """What a reset, and the next start without the time, can use."""
        self._chip.set(unix_ms)
        self._memory.set_i32("time", unix_ms // 1000)
        if self._lent:
            self._lent = False
            self._memory.set_i32("lent", 0)
        self._memory.commit()


def _number(memory, key):
    try:
        return memory.get_i32(key)
    except OSError:
        return 0
