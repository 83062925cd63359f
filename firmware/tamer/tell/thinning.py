"""What is left of Seconds for which there is no more room: the level of each minute."""

import math

from tamer.record import encoding, events
from tamer.record.reading import MISSING, is_dated, is_judged
from tamer.tell.ring import Cursor

_MINUTES = 60  # at most, in one event
_HIGHEST = 2000  # 0.1 dB: more is no level, and would be no number any more


class Thinning:
    """Of one sector. `cursor`: how far it has come. `records`: those of Seconds."""

    def __init__(self, tail):
        """`tail`: the Cursor before which nothing is wanted."""
        self.cursor = Cursor(0)
        self.cursor.as_at(tail)
        self.records = 0
        # [start, end, seconds, records, [[sum of energies, seconds that count] of each minute],
        # boot]
        self._spans = []

    def add(self, record):
        """A record of Seconds. One that is whole and still no Seconds has nothing to tell."""
        self.records += 1
        try:
            seconds = encoding.seconds(record)
        except ValueError:
            return
        t = seconds[0].t
        boot = encoding.head(record).boot
        span = self._spans[-1] if self._spans else None
        # Undated seconds of another boot count from another beginning.
        if (
            span is None
            or not span[1] < t
            or not (is_dated(t) or span[5] == boot)
            or seconds[-1].t - span[0] >= 60 * _MINUTES
        ):
            span = [t, t, 0, 0, [], boot]
            self._spans.append(span)
        span[3] += 1
        for second in seconds:
            self._second(span, second)

    def _second(self, span, second):
        span[1] = second.t
        span[2] += 1
        minutes = span[4]
        minute = (second.t - span[0]) // 60
        while len(minutes) <= minute:
            minutes.append([0.0, 0])
        if is_judged(second):
            minutes[minute][0] += 10 ** (min(second.LAeq, _HIGHEST) / 100)
            minutes[minute][1] += 1

    def told(self):
        """The payloads of the events that tell of it."""
        return [
            encoding.of_event(
                "thinned",
                events.named(
                    "thinned",
                    *(n, start, end, records, "full", _levels(minutes)),
                    None if is_dated(start) else boot,
                ),
            )
            for start, end, n, records, minutes, boot in self._spans
        ]


def _levels(minutes):
    """LAeq of each in 0.1 dB, MISSING where no second counts."""
    return [round(100 * math.log10(energy / n)) if n else MISSING for energy, n in minutes]
