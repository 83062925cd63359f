"""What a journal has given up, until an event tells of it."""

from tamer.record import encoding, events
from tamer.record.reading import is_dated
from tamer.tell.ring import BATCH

# So the payloads begin whose field "records" tells how many went.
_OF_LOSSES = (b'["lost"', b'["thinned"')


class Losses:
    """`records`: given up since the start. `untold`: {(why, boot of those without a date or None):
    (records, start, end)}."""

    def __init__(self):
        self.records = 0
        self.untold = {}

    def lose(self, why, records, boot, start, end):
        """So many records go, of a span of that boot's time."""
        self.records += records
        self._note(why, records, boot, start, end)

    def lose_record(self, why, record):
        """One goes, with all that it told of others."""
        _, boot, _, t = encoding.head(record)
        if record[encoding.HEAD_BYTES :].startswith(_OF_LOSSES):
            fields = encoding.event(record)[1]
            start = fields.get("start", t)
            of_boot, end = fields.get("of_boot", boot), fields.get("end", start)
            self._note(why, fields["records"], of_boot, start, end)
        self.lose(why, 1, boot, t, t)

    def lose_spoilt(self, cursor, boot, sequence, t, is_counted):
        """What a cursor has passed over that cannot be read, before a record of this name and
        time. is_counted: whether the numbers between say how many records it was."""
        of_boot, expected, start = cursor.since
        records = cursor.spoilt
        if is_counted and boot == of_boot:
            # Where a length has changed, frames are no count. What a sector did not take is there
            # again, in the next: none is gone.
            records = sequence - expected
        if boot != of_boot or is_dated(start) != is_dated(t) or start > t:
            start = max(0, t - BATCH * records)
        if records > 0:
            self.lose("unreadable", records, boot, start, t)
        cursor.spoilt = 0

    def _note(self, why, records, boot, start, end):
        loss = why, None if is_dated(start) else boot
        before, first, last = self.untold.get(loss, (0, start, end))
        self.untold[loss] = before + records, min(first, start), max(last, end)

    def tell(self, add):
        """add(payload): keeps an event. What is given up for one is told the next time."""
        for loss in list(self.untold):
            why, boot = loss
            records, start, end = self.untold.pop(loss)
            try:
                values = events.named("lost", None, start, end, records, why, boot)
                add(encoding.of_event("lost", values))
            except MemoryError:
                self._note(why, records, boot, start, end)
                raise
