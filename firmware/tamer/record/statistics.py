"""Statistics of levels over periods, from Seconds. Pure; memory does not grow with time.

Only valid seconds count, and each value carries the rate of them (HJ 906-2017: valid over
those that should be). Whoever wants to hold a value against a limit looks at its rate first.

Percentile levels and deviation are of LAeq,1s, not of LAF: it is what a Second holds, so box,
hub and replay come to the same result, and its sampling interval of 1 s is what GB 3096-2008
allows at most. Bins of 0.1 dB are the Second's own step: nothing is lost to the histogram.
"""

import math
from array import array
from collections import namedtuple

from tamer.record.reading import MISSING, OVERLOAD, UNDER_RANGE, VALID, reason

# t: start of the period, Unix time. seconds: how many it has; valid: how many of them count;
# rate: valid / seconds. Levels in 0.1 dB re 20 uPa, MISSING without a valid second.
# LAmin: least LAeq,1s. L5 to L95: exceeded in so many per cent of the valid seconds.
# deviation: standard deviation of LAeq,1s, 0.1 dB. LAE: of the valid seconds together.
# overload, under_range: a second of the period was lost to it, so all these levels may be
# too low, or L90, L95 and LAmin too high.
Statistics = namedtuple(
    "Statistics",
    (
        "t",
        "seconds",
        "valid",
        "rate",
        "LAeq",
        "LCeq",
        "LAE",
        "LAFmax",
        "LAmin",
        "LCpeak",
        "L5",
        "L10",
        "L50",
        "L90",
        "L95",
        "deviation",
        "overload",
        "under_range",
    ),
)

# t: start of the day. day, night: Statistics of their hours. Ldn is MISSING without either.
Day = namedtuple("Day", ("t", "whole", "day", "night", "Ldn"))

# Bins of the histogram, 0.1 dB: levels beyond them count in the last ones.
_LOWEST = 100
_HIGHEST = 1500

_PERCENT = (5, 10, 50, 90, 95)

_NIGHT_PENALTY = 100  # 0.1 dB, GB 3096-2008


class Energy:
    """A sum of energies of which no partial sum has more than 60 terms.

    A second is added to the minute's sum, that to the hour's, and so on: in single precision
    the sum of a year is still right to 0.0002 dB.
    """

    _TERMS = 60
    _STEPS = 5  # 60**5 seconds are 24 years
    _HOURS = 2  # the step that sums hours

    def __init__(self):
        self._sums = [0.0] * self._STEPS
        self._counts = [0] * self._STEPS

    def add(self, level):
        """One second of a level in 0.1 dB."""
        self._sums[0] += 10 ** (level / 100)
        self._counts[0] += 1
        if self._counts[0] == self._TERMS:
            self._carry(0)

    def add_hour(self, hour):
        """All of another sum, of an hour at most."""
        self._sums[self._HOURS] += sum(hour._sums)
        self._counts[self._HOURS] += 1
        self._carry(self._HOURS)

    def _carry(self, step):
        """A sum that is full becomes one term of the next."""
        sums, counts = self._sums, self._counts
        while counts[step] == self._TERMS and step < self._STEPS - 1:
            sums[step + 1] += sums[step]
            counts[step + 1] += 1
            sums[step] = 0.0
            counts[step] = 0
            step += 1

    def level(self, seconds):
        """Level in 0.1 dB of the sum spread over so many seconds, unrounded."""
        return 100 * math.log10(sum(self._sums) / seconds)


class Period:
    """Seconds of one period, or of one event."""

    def __init__(self, t, seconds):
        """t: its start. seconds: how many it should have; of an event, the most it may have."""
        # A bin holds what the period can: two bytes up to 18 hours.
        code, size = ("H", 2) if seconds < 65536 else ("I", 4)
        self.seconds = seconds
        self._bins = array(code, bytes(size * (_HIGHEST - _LOWEST + 1)))
        self._lowest = self._highest = 0  # bins in use
        self.begin(t)

    def begin(self, t):
        """Forget all and begin anew, in the same memory."""
        for i in range(self._lowest, self._highest + 1):
            self._bins[i] = 0
        self.t = t
        self._last = None
        self._valid = 0
        self._overload = self._under_range = False
        self._A = Energy()
        self._C = Energy()
        self._LAFmax = self._LCpeak = MISSING
        self._LAmin = -MISSING
        self._lowest, self._highest = _HIGHEST - _LOWEST, 0

    def add(self, second):
        """One Second. One not later than the last is left out: none counts twice."""
        if self._last is not None and second.t <= self._last:
            return
        self._last = second.t
        why = reason(second)
        if why != VALID:
            self._overload = self._overload or why == OVERLOAD
            self._under_range = self._under_range or why == UNDER_RANGE
            return
        self._valid += 1
        _, LAeq, LAFmax, LCeq, LCpeak, _ = second
        self._A.add(LAeq)
        self._C.add(LCeq)
        if LAFmax > self._LAFmax:
            self._LAFmax = LAFmax
        if LCpeak > self._LCpeak:
            self._LCpeak = LCpeak
        if LAeq < self._LAmin:
            self._LAmin = LAeq
        i = min(max(LAeq, _LOWEST), _HIGHEST) - _LOWEST
        self._bins[i] += 1
        if i < self._lowest:
            self._lowest = i
        if i > self._highest:
            self._highest = i

    def add_hour(self, hour):
        """All of another period, of an hour at most, that is later than all there is so far."""
        if hour._last is None:
            return
        self._last = hour._last
        self._overload = self._overload or hour._overload
        self._under_range = self._under_range or hour._under_range
        if not hour._valid:
            return
        self._valid += hour._valid
        self._A.add_hour(hour._A)
        self._C.add_hour(hour._C)
        self._LAFmax = max(self._LAFmax, hour._LAFmax)
        self._LCpeak = max(self._LCpeak, hour._LCpeak)
        self._LAmin = min(self._LAmin, hour._LAmin)
        for i in range(hour._lowest, hour._highest + 1):
            self._bins[i] += hour._bins[i]
        self._lowest = min(self._lowest, hour._lowest)
        self._highest = max(self._highest, hour._highest)

    def statistics(self, until=None):
        """What there is so far. until: the end of an event, Unix time."""
        n = self._valid
        seconds = self.seconds if until is None else until - self.t
        LAeq = LCeq = LAE = LAmin = deviation = MISSING
        L5 = L10 = L50 = L90 = L95 = MISSING
        if n:
            LAeq = round(self._A.level(n))
            LCeq = round(self._C.level(n))
            LAE = round(self._A.level(1))
            LAmin = self._LAmin
            (L5, L10, L50, L90, L95), deviation = self._distribution()
        return Statistics(
            self.t,
            seconds,
            n,
            n / seconds,
            LAeq,
            LCeq,
            LAE,
            self._LAFmax,
            LAmin,
            self._LCpeak,
            L5,
            L10,
            L50,
            L90,
            L95,
            deviation,
            self._overload,
            self._under_range,
        )

    def _distribution(self):
        """The percentile levels, and the standard deviation.

        Of 100 seconds in falling order, L5 is the 5th. The sums are whole numbers: in single
        precision their small difference would be lost.
        """
        n = self._valid
        exceeded = []
        counted = total = squares = 0
        for i in range(self._highest, self._lowest - 1, -1):
            count = self._bins[i]
            counted += count
            total += count * i
            squares += count * i * i
            while len(exceeded) < len(_PERCENT) and 100 * counted >= n * _PERCENT[len(exceeded)]:
                exceeded.append(_LOWEST + i)
        return exceeded, round(math.sqrt((n * squares - total * total) / n / n))


class Days:
    """The hours of each calendar day, and its Ld, Ln and Ldn, which are summed up from them."""

    def __init__(self, day_from=6, night_from=22, east=28800):
        """day_from, night_from: hours of the local clock, the day's before the night's.

        east: the local clock's lead over UTC in seconds.
        """
        self._day_from = day_from
        self._night_from = night_from
        self._east = east
        self._t = None
        hours = night_from - day_from
        self._hour = Period(0, 3600)
        self._whole = Period(0, 86400)
        self._day = Period(0, 3600 * hours)
        self._night = Period(0, 3600 * (24 - hours))

    def add(self, second):
        """One Second; the Statistics of the hour and the Day that it shows to be over, or None."""
        over = (None, None)
        if self._t is None:
            self._begin(_floor(second.t, 3600, self._east))
        elif not 0 <= second.t - self._hour.t < 3600:
            over = self._turn(_floor(second.t, 3600, self._east))
        self._hour.add(second)
        return over

    def _turn(self, hour):
        """To the hour that begins then; what is over."""
        last = self._hour.statistics()
        self._sum_up_hour()
        day = None
        if _floor(hour, 86400, self._east) != self._t:
            day = self._over()
            self._begin(hour)
        else:
            self._hour.begin(hour)
        return last, day

    def _begin(self, hour):
        self._t = _floor(hour, 86400, self._east)
        self._hour.begin(hour)
        self._whole.begin(self._t)
        self._day.begin(self._t + 3600 * self._day_from)
        self._night.begin(self._t)

    def _sum_up_hour(self):
        self._whole.add_hour(self._hour)
        in_day = self._day_from <= (self._hour.t - self._t) // 3600 < self._night_from
        (self._day if in_day else self._night).add_hour(self._hour)

    def _over(self):
        day = self._day.statistics()
        night = self._night.statistics()
        return Day(self._t, self._whole.statistics(), day, night, day_night_level(day, night))


def day_night_level(day, night):
    """Ldn of the Statistics of both parts: the night weighs 10 dB more (GB 3096-2008)."""
    if day.LAeq == MISSING or night.LAeq == MISSING:
        return MISSING
    energy = day.seconds * 10 ** (day.LAeq / 100)
    energy += night.seconds * 10 ** ((night.LAeq + _NIGHT_PENALTY) / 100)
    return round(100 * math.log10(energy / (day.seconds + night.seconds)))


def _floor(t, length, east):
    return (t + east) // length * length - east
