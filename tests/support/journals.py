"""What journals of tests are filled with, and what is in them. For both Pythons."""

import random

from nor_flash import NorFlash

from tamer.record import encoding
from tamer.record.encoding import CODED_SECONDS, EVENT
from tamer.record.reading import Second

T = 1795431600


def _payload(n):
    levels = []
    for i in range(10):
        A, C = 560 + (53 * n * i + 17 * i * i) % 29, 640 + (31 * n * i + 7 * i) % 23
        F, P = A + 5 + (n * i) % 19, C + 100 + (11 * n * i + i) % 31
        levels.append(Second(0, A, F, C, P, 0))
    code, payload = encoding.shortest(levels)
    assert code == CODED_SECONDS
    return payload


PAYLOADS = [_payload(n) for n in range(101)]


def batch(n, t=T):
    """(code, t, payload) of some ten seconds."""
    return CODED_SECONDS, t, PAYLOADS[n % 101]


def event(n, t=T):
    return EVENT, t, encoding.of_event("relapse", {"after": n})


def names(journal):
    """(boot, sequence) of every record from the oldest on."""
    return [(boot, sequence) for boot, sequence, _ in records_of(journal)]


def records_of(journal):
    found = []
    journal.rewind()
    while True:
        record = journal.read()
        if record is None:
            return found
        assert encoding.head(record.body)[1:3] == record[:2]
        found.append(record)


def said(journal, kind):
    """The fields of all its events of a kind."""
    bodies = [body for _, _, body in records_of(journal) if body[0] == EVENT]
    events = [encoding.event(body) for body in bodies]
    return [fields for name, fields in events if name == kind]


def told(n, events_every):
    """(code, t, payload) of the n-th record of a box: ten seconds, or an event."""
    return event(n, T + 10 * n) if n % events_every == 0 else batch(n, T + 10 * n)


def untold(found, last, events_every):
    """Of so many, those whose seconds are neither among the records found nor told there to be
    gone."""
    there = {encoding.head(one.body)[3] for one in found if encoding.how_many(one.body)}
    events = [encoding.event(one.body) for one in found if one.body[0] == EVENT]
    spans = [
        (fields["start"], fields["end"] + (9 if kind == "lost" else 0))
        for kind, fields in events
        if kind in ("lost", "thinned")
    ]
    return [
        n
        for n in range(1, last + 1)
        if n % events_every
        and (t := T + 10 * n) not in there
        and not any(first <= t and t + 9 <= end for first, end in spans)
    ]


class Cut:
    """At each change of the flash: what the next start finds if the power goes there."""

    def __init__(self, flash, is_right):
        self._change, self._is_right = flash._change, is_right
        self._flash = flash
        self.points = 0
        flash._change = self.change

    def change(self, block, at, old, new):
        self.points += 1
        flash = NorFlash(len(self._flash.erases))
        flash.data[:] = self._flash.data
        flash.data[at : at + len(new)] = self._torn(old, new)
        self._is_right(flash)
        self._change(block, at, old, new)

    def _torn(self, old, new):
        n = len(new)
        if random.randrange(2):
            # A part of its bytes.
            n = random.randrange(n + 1)
            return bytes(new[:n]) + bytes(old[n:])
        # A part of its bits.
        masks = [random.randrange(256) for _ in range(16)]
        return bytes([old[i] ^ ((old[i] ^ new[i]) & masks[i % 16]) for i in range(n)])
