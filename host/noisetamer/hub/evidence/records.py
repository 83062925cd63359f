"""What records tell of a span: every second, every event, and every word about the clock. Pure.

Only what the records themselves say: whoever has them makes the same of them.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from noisetamer.hub.store import minutes
from noisetamer.hub.store.minutes import Columns
from tamer.record import encoding
from tamer.record.reading import MISSING, Second, is_dated


class Raw(NamedTuple):
    """A record as its unit sent it. boot, sequence: its name; body: its bytes."""

    boot: int
    sequence: int
    body: bytes


class Told(NamedTuple):
    """An event. t: Unix s, found out later where the unit did not know it yet; told: its JSON as
    it came."""

    t: int
    boot: int
    sequence: int
    kind: str
    fields: dict[str, Any]
    told: bytes


@dataclass
class Heard:
    """Of one unit, since <= t < until, Unix s. columns: of every second; events: of the span, by
    t, boot and sequence; clocks: every event `clock`, of the span or not, by boot and sequence.
    """

    unit: str
    since: int
    until: int
    columns: Columns = field(repr=False)
    events: list[Told] = field(default_factory=list)
    clocks: list[Told] = field(default_factory=list)

    @property
    def flags(self) -> np.ndarray:
        return self.columns[-1]

    @property
    def valid(self) -> np.ndarray:
        """Whether each second counts."""
        return self.flags & 0x0F == 0

    def stretches(self) -> Iterator[tuple[int, int, str]]:
        """(first, last + 1, reason) of each that does not count, oldest first."""
        flags = self.flags
        codes = np.where(flags == minutes.NOT_RECEIVED, flags, flags & 0x0F)
        borders = np.flatnonzero(np.diff(codes)) + 1
        for a, b in zip([0, *borders], [*borders, len(codes)], strict=True):
            if a < b and codes[a] != 0:
                yield self.since + int(a), self.since + int(b), minutes.reason(int(flags[a]))


def heard(unit: str, records: Iterable[Raw], since: int, until: int) -> Heard:
    """records: of any boots, the sequences of each rising, one boot after the other."""
    columns = np.full((len(minutes.ROWS), until - since), MISSING, np.int32)
    columns[-1] = minutes.NOT_RECEIVED
    found = Heard(unit, since, until, columns)
    boot: list[Raw] = []
    for record in records:
        if boot and boot[0].boot != record.boot:
            _of_boot(found, boot)
            boot = []
        boot.append(record)
    if boot:
        _of_boot(found, boot)
    found.events.sort(key=lambda one: one[:3])
    found.clocks.sort(key=lambda one: one[1:3])
    return found


def _of_boot(found: Heard, records: list[Raw]) -> None:
    clocks = [
        (record.sequence, fields["boot_at"])
        for record in records
        if (fields := _clock(record)) is not None and is_dated(fields["boot_at"])
    ]
    for record in records:
        code, _, _, t = encoding.head(record.body)
        if not is_dated(t):
            if not clocks:
                # what sets no clock is no less a word about it
                if _clock(record) is not None:
                    found.clocks.append(_told(record, t))
                continue
            t += _boot_at(record.sequence, clocks)
        if code in encoding.OF_SECONDS:
            _put(found, t, encoding.seconds(record.body))
        elif code == encoding.EVENT:
            event = _told(record, t)
            if found.since <= t < found.until:
                found.events.append(event)
            if event.kind == "clock":
                found.clocks.append(event)


def _told(record: Raw, t: int) -> Told:
    kind, fields = encoding.event(record.body)
    told = record.body[encoding.HEAD_BYTES :]
    return Told(t, record.boot, record.sequence, kind, fields, told)


def _put(found: Heard, t: int, seconds: list[Second]) -> None:
    first, last = max(t, found.since), min(t + len(seconds), found.until)
    if first >= last:
        return
    part = np.array([one[1:] for one in seconds[first - t : last - t]], np.int32).T
    minutes.put(found.columns, first - found.since, part)


def _clock(record: Raw) -> dict[str, Any] | None:
    if record.body[0] != encoding.EVENT:
        return None
    kind, fields = encoding.event(record.body)
    return fields if kind == "clock" else None


def _boot_at(sequence: int, clocks: list[tuple[int, int]]) -> int:
    """By the last word before the record; before the first, by that."""
    before = bisect_left(clocks, sequence, key=lambda one: one[0])
    return clocks[max(0, before - 1)][1]
