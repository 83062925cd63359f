"""How much one unit may say: no more than its own journal and some days of it, whoever it is.

A box says 6 bytes a second, and after weeks without a network all that its flash held. Whoever
says much more has got hold of a box's secret, or the box is broken: what is beyond is not taken
(hence not acknowledged, and a box that is none of both still has it), and who goes on is shut out
for some minutes. Its neighbours have their own quotas.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from noisetamer.hub.bus.client import Message

# Of reports: a full journal of the largest flash, several times, and 35 MB a day.
BURST_BYTES = 64_000_000
BYTES_A_SECOND = 400.0
# A box has 16 on the way and waits for their acknowledgement: some hundreds a second at most.
BURST_REPORTS = 5000
REPORTS_A_SECOND = 1000.0
# What a report costs besides its own bytes: its name, its row.
EACH_BYTES = 100
# Of live seconds; a simulated unit's minute may pass in a second.
BURST_LIVE = 2000
LIVE_A_SECOND = 100.0
# So many beyond it, and it is shut out for so long.
PATIENCE = 2000
SHUT_OUT_SECONDS = 600.0


def unit_of(subject: str) -> str:
    """Whose it is: the broker lets a unit publish below its own name only."""
    return subject.split(".", 2)[1]


@dataclass
class _Bucket:
    left: float
    at: float

    def take(self, cost: float, now: float, most: float, a_second: float) -> bool:
        self.left = min(most, self.left + (now - self.at) * a_second)
        self.at = now
        if self.left < cost:
            return False
        self.left -= cost
        return True


class Quotas:
    """Of all units. refused: how many messages were beyond."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: monotonic, s."""
        self._clock = clock
        self._pace: dict[str, _Bucket] = {}
        self._room: dict[str, _Bucket] = {}
        self._live: dict[str, _Bucket] = {}
        self._beyond: dict[str, int] = {}
        self._shut_out: dict[str, float] = {}
        self.refused = 0

    def report(self, unit: str, size: int) -> bool:
        """Whether a report of `size` bytes may be taken now."""
        now = self._clock()
        pace = self._pace.setdefault(unit, _Bucket(BURST_REPORTS, now))
        room = self._room.setdefault(unit, _Bucket(BURST_BYTES, now))
        taken = pace.take(1, now, BURST_REPORTS, REPORTS_A_SECOND) and room.take(
            size + EACH_BYTES, now, BURST_BYTES, BYTES_A_SECOND
        )
        return self._counted(unit, taken)

    def live(self, unit: str) -> bool:
        """Whether a live second may be looked at now."""
        now = self._clock()
        bucket = self._live.setdefault(unit, _Bucket(BURST_LIVE, now))
        return self._counted(unit, bucket.take(1, now, BURST_LIVE, LIVE_A_SECOND))

    def guarded(self, callback: Callable[[Message], None]) -> Callable[[Message], None]:
        """Called back only for messages that may be looked at now."""

        def guard(message: Message) -> None:
            if self.live(unit_of(message.subject)):
                callback(message)

        return guard

    def shut_out(self) -> frozenset[str]:
        """The units that may not connect now."""
        now = self._clock()
        for unit, until in list(self._shut_out.items()):
            if until <= now:
                del self._shut_out[unit]
        return frozenset(self._shut_out)

    def _counted(self, unit: str, taken: bool) -> bool:
        if not taken:
            self.refused += 1
            self._beyond[unit] = self._beyond.get(unit, 0) + 1
            if self._beyond[unit] >= PATIENCE:
                self._beyond[unit] = 0
                self._shut_out[unit] = self._clock() + SHUT_OUT_SECONDS
        return taken
