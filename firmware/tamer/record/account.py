"""What a unit sums up by itself: hours, days and incidents. Pure.

Shorter periods follow from the Seconds, with the same `statistics`, wherever those are.
"""

from tamer.record.statistics import Days, Period

_LONGEST_INCIDENT = 86400

_LEVELS = ("LAeq", "LCeq", "LAFmax", "LAmin", "LCpeak", "L5", "L10", "L50", "L90", "L95")


class Account:
    def __init__(self, utc_offset, night_from, night_to):
        """Local time: `utc_offset` in s, the night's limits in minutes after midnight."""
        self._days = Days(night_to // 60, night_from // 60, utc_offset)
        self._incident = Period(0, _LONGEST_INCIDENT)
        self._in_incident = False

    def add(self, second):
        """One Second; (kind, fields) of every hour and day that it shows to be over."""
        over = []
        hour, day = self._days.add(second)
        if hour:
            over.append(("hour", _fields(hour)))
        if day:
            fields = _fields(day.whole)
            fields.update(Ld=day.day.LAeq, Ln=day.night.LAeq, Ldn=day.Ldn)
            over.append(("day", fields))
        if self._in_incident:
            self._incident.add(second)
        return over

    def open_incident(self, t):
        """It became too loud at Unix time t."""
        self._incident.begin(t)
        self._in_incident = True

    def close_incident(self, t):
        """It is over at t; the fields of what it was, or None if none was open."""
        if not self._in_incident or t <= self._incident.t:
            return None
        self._in_incident = False
        found = self._incident.statistics(t)
        return dict(_fields(found), LAE=found.LAE)


def _fields(found):
    """Statistics as a message carries them; levels in 0.1 dB."""
    fields = {name: getattr(found, name) for name in _LEVELS}
    fields.update(
        start=found.t,
        seconds=found.seconds,
        valid_seconds=found.valid,
        SD=found.deviation,
        overload=found.overload,
        under_range=found.under_range,
    )
    return fields
