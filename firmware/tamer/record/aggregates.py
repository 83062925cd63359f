"""What a unit sums up by itself: hours, days and incidents. Pure.

Shorter periods follow from the Seconds, with the same `statistics`, wherever those are.
"""

from tamer.record.reading import is_dated
from tamer.record.statistics import Days, Period

_LONGEST_INCIDENT = 86400


class Aggregates:
    """The running hour, day and incident; each is told as an event when it is over."""

    def __init__(self, place, hours):
        """`place(t)`: where Unix time t is in its hour and day (judge.calendar.Place).

        `hours`: when day and night begin, in minutes after midnight.
        """
        self._days = Days(place, not any([edge % 60 for edge in hours]))
        self._incident = Period(0, _LONGEST_INCIDENT)
        self._in_incident = False

    def add(self, second):
        """One Second; [(kind, values)] of every hour and day that it shows to be over."""
        over = []
        # A second without a date is in no hour.
        hour, day = self._days.add(second) if is_dated(second.t) else (None, None)
        if hour:
            over.append(("hour", _levels(hour) + _period(hour)))
        if day:
            parts = (day.day.LAeq, day.night.LAeq, day.Ldn)
            over.append(("day", _levels(day.whole) + _period(day.whole) + parts))
        if self._in_incident:
            self._incident.add(second)
        return over

    def move(self, by):
        """The time has come to be known, or was corrected: times of before are later by so many s,
        that of the running incident too."""
        self._incident.t += by

    def turn(self, t, is_too_loud):
        """The stage at Unix time t; the values of the incident that is over by it, or None."""
        if is_too_loud == self._in_incident:
            return None
        self._in_incident = is_too_loud
        if is_too_loud:
            self._incident.begin(t)
            return None
        if t <= self._incident.t:
            return None
        whole = self._incident.statistics(t)
        return _period(whole) + (whole.LAE,) + _levels(whole)


def _levels(period):
    """Of the Statistics, as events have them."""
    return (
        period.LAeq,
        period.LCeq,
        period.LAFmax,
        period.LAmin,
        period.LCpeak,
        period.L5,
        period.L10,
        period.L50,
        period.L90,
        period.L95,
    )


def _period(period):
    return (
        period.t,
        period.seconds,
        period.valid,
        period.deviation,
        period.overload,
        period.under_range,
    )
