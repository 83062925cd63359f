"""What one box of a load holds: records, links, and which of them are acknowledged. Pure.

Lean: a record's bytes follow from its number, so only its link and its time are kept, until it is
acknowledged. What a box holds while it cannot reach its hub is not bounded by a flash here.
"""

from collections import deque
from dataclasses import dataclass

from noisetamer.load.levels import BATCH, WALK, walk
from tamer.record import encoding
from tamer.record.seal import Seal

BOOT = 1


@dataclass(frozen=True, slots=True)
class Told:
    """What every record of one box follows from. place: on the walk of levels; t: Unix s, of the
    first record."""

    unit: str
    place: int
    t: int
    seed: int

    def record(self, seq: int) -> bytes:
        """Its bytes; seq: from 1 on."""
        payload = walk(self.seed)[(self.place + seq) % WALK]
        t = self.t + BATCH * (seq - 1)
        return encoding.record(encoding.CODED_SECONDS, BOOT, seq, t, payload)


class Box:
    """acked: up to this number everything is acknowledged; made, sent: the newest."""

    __slots__ = ("_before", "_links", "_made_at", "_seal", "acked", "made", "sent", "told")

    def __init__(self, told: Told, chain: str) -> None:
        """chain: the key by which it chains its records."""
        self.told = told
        self._seal = Seal(chain)
        self.acked = self.made = self.sent = 0
        # the link of `acked`, and of each record after it
        self._links = deque([self._seal.first_link(told.unit)])
        self._made_at: deque[float] = deque()
        self._before = (0, 0, b"")

    @property
    def in_flight(self) -> int:
        return self.sent - self.acked

    def make(self, now: float) -> None:
        """Ten seconds are over. now: monotonic, s."""
        self.made += 1
        body = self.told.record(self.made)
        self._links.append(self._seal.next_link(self._links[-1], body))
        self._made_at.append(now)

    def next_message(self) -> bytes | None:
        """The next record in its envelope; None where all are sent."""
        if self.sent == self.made:
            return None
        self.sent += 1
        place = self.sent - self.acked
        follows, link = self._links[place - 1], self._links[place]
        body = self.told.record(self.sent)
        before, self._before = self._before, (BOOT, self.sent, link)
        return encoding.following(before, body, follows, link)

    def send_again(self) -> int:
        """From the oldest on that is not acknowledged, as after a break; how many were sent."""
        again = self.in_flight
        self.sent = self.acked
        self._before = (0, 0, b"")
        return again

    def acknowledge(self, boot: int, seq: int) -> list[float]:
        """When the records were made that are acknowledged now, monotonic s. What was never sent
        is not taken for acknowledged."""
        if boot != BOOT or not self.acked < seq <= self.made:
            return []
        done = seq - self.acked
        self.acked = seq
        self.sent = max(self.sent, seq)
        for _ in range(done):
            self._links.popleft()
        return [self._made_at.popleft() for _ in range(done)]
