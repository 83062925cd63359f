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
# What a bin holds: 18 hours of one level. More of it moves no percentile, the deviation little.
_FULL = 65535

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
        self._sums[self._HOURS] += hour.total()
        self._counts[self._HOURS] += 1
        self._carry(self._HOURS)

    def total(self):
        return sum(self._sums)

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
        return _level(self.total() / seconds)


class Period:
    """Seconds of one period, or of one event."""

    def __init__(self, t, seconds):
        """t: its start. seconds: how many it should have; of an event, the most it may have."""
        self.seconds = seconds
        self._bins = array("H", bytes(2 * (_HIGHEST - _LOWEST + 1)))
        self._lowest = self._highest = 0  # bins in use
        self.begin(t)

    def begin(self, t, seconds=None):
        """Forget all and begin anew, in the same memory; seconds: if it is of another length."""
        self.seconds = seconds or self.seconds
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
        if self._bins[i] < _FULL:
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
            self._bins[i] = min(self._bins[i] + hour._bins[i], _FULL)
        self._lowest = min(self._lowest, hour._lowest)
        self._highest = max(self._highest, hour._highest)

    def statistics(self, until=None):
        """What there is so far. until: the end of an event, Unix time."""
        seconds = self.seconds if until is None else until - self.t
        return _together((self,), self.t, seconds)


class Days:
    """The hours of each calendar day, and its Ld, Ln and Ldn, which are summed up from them."""

    def __init__(self, place, whole_hours=False):
        """place(t): where Unix time t is in its hour and day (judge.calendar.Place).

        whole_hours: day and night begin at a full hour.
        """
        self._place_of = place
        self._place = None
        # What is all day or all night within an hour: mostly all of it.
        self._piece = Period(0, 3600)
        self._hour = self._piece if whole_hours else Period(0, 3600)
        self._day = Period(0, 86400)
        self._night = Period(0, 86400)

    def add(self, second):
        """One Second; the Statistics of the hour and the Day that it shows to be over, or None."""
        over = (None, None)
        place = self._place
        if place is None or not place.since <= second.t < place.until:
            over = self._turn(self._place_of(second.t))
        self._piece.add(second)
        return over

    def _turn(self, place):
        """To the piece with that place; what is over."""
        before, self._place = self._place, place
        hour = day = None
        if before:
            (self._night if before.night else self._day).add_hour(self._piece)
            if self._hour is not self._piece:
                self._hour.add_hour(self._piece)
            if place.hour != before.hour:
                hour = self._hour.statistics()
                if place.day != before.day:
                    day = self._over(before)
        if hour or not before:
            self._hour.begin(place.hour, place.hour_ends - place.hour)
        if day or not before:
            self._day.begin(place.day)
            self._night.begin(place.day)
        if self._hour is not self._piece:
            self._piece.begin(place.since)
        return hour, day

    def _over(self, place):
        """The Day with that place."""
        seconds = [0, 0]
        t = place.day
        while t < place.day_ends:
            piece = self._place_of(t)
            seconds[piece.night] += piece.until - t
            t = piece.until
        both = (self._day, self._night)
        day, night = [_together((of,), place.day, n) for of, n in zip(both, seconds)]
        whole = _together(both, place.day, place.day_ends - place.day)
        return Day(place.day, whole, day, night, day_night_level(day, night))


def _together(periods, t, seconds):
    """The Statistics of one Period or two, as of one that begins at t and has so many s."""
    n = sum([period._valid for period in periods])
    LAeq = LCeq = LAE = LAmin = deviation = MISSING
    L5 = L10 = L50 = L90 = L95 = MISSING
    if n:
        energy = sum([period._A.total() for period in periods])
        LAeq, LAE = round(_level(energy / n)), round(_level(energy))
        LCeq = round(_level(sum([period._C.total() for period in periods]) / n))
        LAmin = min([period._LAmin for period in periods if period._valid])
        (L5, L10, L50, L90, L95), deviation = _distribution(periods, n)
    return Statistics(
        t,
        seconds,
        n,
        n / seconds if seconds else 0,
        LAeq,
        LCeq,
        LAE,
        max([period._LAFmax for period in periods]),
        LAmin,
        max([period._LCpeak for period in periods]),
        L5,
        L10,
        L50,
        L90,
        L95,
        deviation,
        any([period._overload for period in periods]),
        any([period._under_range for period in periods]),
    )


def _distribution(periods, n):
    """The percentile levels, and the standard deviation, of n seconds of one Period or two.

    Of 100 seconds in falling order, L5 is the 5th. The sums are whole numbers: in single
    precision their small difference would be lost.
    """
    lowest = min([period._lowest for period in periods])
    highest = max([period._highest for period in periods])
    bins, others = periods[0]._bins, periods[-1]._bins
    both = len(periods) > 1
    if n > _FULL:
        # Bins may be full.
        n = 0
        for i in range(lowest, highest + 1):
            n += bins[i] + both * others[i]
    exceeded = []
    counted = total = squares = 0
    for i in range(highest, lowest - 1, -1):
        count = bins[i]
        if both:
            count += others[i]
        if not count:
            continue
        counted += count
        total += count * i
        squares += count * i * i
        while len(exceeded) < len(_PERCENT) and 100 * counted >= n * _PERCENT[len(exceeded)]:
            exceeded.append(_LOWEST + i)
    return exceeded, round(math.sqrt((n * squares - total * total) / n / n))


def _level(energy):
    """In 0.1 dB, unrounded."""
    return 100 * math.log10(energy)


def day_night_level(day, night):
    """Ldn of the Statistics of both parts: the night weighs 10 dB more (GB 3096-2008)."""
    if day.LAeq == MISSING or night.LAeq == MISSING:
        return MISSING
    energy = day.seconds * 10 ** (day.LAeq / 100)
    energy += night.seconds * 10 ** ((night.LAeq + _NIGHT_PENALTY) / 100)
    return round(100 * math.log10(energy / (day.seconds + night.seconds)))
