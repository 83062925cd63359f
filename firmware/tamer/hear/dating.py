"""The name of each second: Unix time, or its number in this boot while that is unknown. Pure.

The box counts seconds by its microphone; the clock is right over days. Where the two are more
than a second apart the names move by whole seconds: forward, the names left out are told as
missing; back, a second whose name has been given goes by its number, so no name comes twice.
"""

from tamer.record.reading import CLOCK, GAP, is_dated, missing

# A longer step is no drift: the seconds before it had wrong names, and the event says by how much.
_MOST_LEFT_OUT = 60
# Of so many spans it knows that their names are taken.
_MOST_GIVEN = 8


class Dating:
    """Of one boot."""

    def __init__(self):
        # Unix time of second 0; None while the time is unknown.
        self.boot_at = None
        self._number = 0
        # [first, last] of dated names that were given, the present ones last. A clock that was
        # wrong for a minute, by hours, must not cost hours.
        self._given = []

    def name(self, lost, ended):
        """(t of the next second, the Seconds before it).

        lost: whole seconds that went by unheard before it. ended: Unix ms at its end, or None.
        """
        before = []
        if ended is not None:
            self._align(self._number + lost, ended - 1000, before)
        for _ in range(lost):
            before.append(missing(self._next(), GAP))
        return self._next(), before

    def unix(self, t):
        """Unix time of a name; while that is unknown, the name itself."""
        return t if self.boot_at is None or is_dated(t) else self.boot_at + t

    def _align(self, number, began, before):
        """That second began at this Unix time, ms."""
        if self.boot_at is None:
            self.boot_at = (began + 500) // 1000 - number
            return
        off = began - 1000 * (self.boot_at + number)
        if abs(off) <= 1000:
            return
        step = (off + 500) // 1000
        self.boot_at += step
        if 0 < step <= _MOST_LEFT_OUT:
            for t in range(self._given[-1][1] + 1, self.boot_at + self._number):
                before.append(missing(t, CLOCK))
                self._given[-1][1] = t

    def _next(self):
        number = self._number
        self._number += 1
        if self.boot_at is None:
            return number
        t = self.boot_at + number
        for first, last in self._given:
            if first <= t <= last:
                return number
        if self._given and t == self._given[-1][1] + 1:
            self._given[-1][1] = t
        else:
            self._given = self._given[1 - _MOST_GIVEN :] + [[t, t]]
        return t
