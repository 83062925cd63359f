"""Records on flash until the hub has acknowledged them.

Two rings: one for all records as they come; and, an eighth of the room, one for the events of
its oldest sector, which is thinned when it is to be written again before the hub had it: its
events are kept, of its Seconds an event tells what each minute was. So Seconds go first, and what
is in the ring of events is older than all in the other.

Read in this order the numbers of a boot rise, whatever goes: what has a later number in front of
it the hub takes to be gone.
"""

from collections import namedtuple

from tamer.record import encoding
from tamer.tell.losses import Losses
from tamer.tell.ring import LARGEST, SECTOR, UNLINKED, Cursor, Ring

_AT_ONCE = 4  # records thinned with each that comes, at least
_TRIES = 3  # sectors that may take nothing, one after the other
_BOOTS = 32  # whose acknowledgements are remembered until they are of use

# body: the whole record, as `encoding` made it.
Record = namedtuple("Record", ("boot", "sequence", "body"))


class Journal:
    """`room`: bytes of flash for what is held; then the oldest is thinned."""

    def __init__(self, device, boot, seals=(), first=b""):
        """`device`: as of `ring.Ring`, at least 8 blocks. `boot`: this one's number.

        Of a unit that chains its records, `seals`: a list of that of its key
        (`tamer.record.seal`), and of those before it; `first`: the link before all records.
        """
        blocks = device.ioctl(4, 0)
        kept = max(blocks // 8, 2)
        self._events = _Kept(device, 0, kept, seals)
        self._all = _Kept(device, kept, blocks - kept, seals)
        self._seals = seals
        # What the next record follows.
        self._base = (seals[0], first) if seals else UNLINKED
        self._follow()
        self.room = (blocks - kept) * SECTOR
        self._boot = boot
        self._sequence = 0
        self._t = 0
        self._acknowledged = {}
        self._sent = {}  # {boot: the highest sequence that was read}
        self._thinning = None
        self._interrupted = False
        self._losses = Losses()
        self._tellings = []  # payloads that tell what was thinned
        self._is_thinned = False  # the oldest sector: it goes when that is told, or for its room
        self._place = Cursor(0)
        self._reader = Cursor(0)
        # Of what is kept already and stands in its old sector too, as long as that is thinned:
        # {boot: first sequence}. Before a power cut that was done up to this name.
        self._twice = {}
        self._kept_to = None
        if self._all.is_full():
            self._look_for_twice()
        self.rewind()

    @property
    def lost(self):
        """Records given up since the start; of those, an event tells."""
        return self._losses.records

    def append(self, code, t, payload):
        """Number one record and keep it, at once on flash.

        code, t, payload: as `encoding.record` takes them.

        A flash that does not take it, or want of memory, costs this record: measuring goes on,
        and `lost` tells.
        """
        self._t = t
        try:
            self._add(code, t, payload)
        except MemoryError:
            self._go_on()
            self._losses.lose("no memory", 1, self._boot, t, t)
            return
        try:
            while self._thin():
                self._give_up(is_told_first=True)
            self._tell_thinned()
            if self._losses.untold:
                self._losses.tell(self._add_event)
                # A sector that took nothing may have had another thinned.
                self._tell_thinned()
        except MemoryError:
            # The record is there; all else is done with the next one.
            self._go_on()

    def _go_on(self):
        """After a want of memory: as after a power cut."""
        self._thinning, self._interrupted = None, True
        self._follow()

    def _follow(self):
        """The next record follows the last one, whatever has become of others."""
        link = self._all.ring.base[1]
        if link and self._seals:
            self._base = self._seals[0], link

    def _tell_thinned(self):
        """What was thinned, and then its sector goes: a power cut would cost what is not told."""
        while self._tellings:
            payload = self._tellings[0]
            size = len(payload) + encoding.HEAD_BYTES
            if self._is_thinned and not self._all.ring.has_room(size, self._base):
                self._leave(self._all)
            self._tellings.pop(0)
            try:
                self._add_event(payload)
            except MemoryError:
                self._tellings.insert(0, payload)
                raise
        if self._is_thinned:
            self._leave(self._all)

    def _add_event(self, payload):
        self._add(encoding.EVENT, self._t, payload)

    def _add(self, code, t, payload):
        # What is thinned for this record is told before it has its number.
        size = encoding.HEAD_BYTES + len(payload)
        if not self._all.ring.has_room(size, self._base) and self._see_to_room(self._all):
            self._tell_thinned()
        self._sequence += 1
        record = encoding.record(code, self._boot, self._sequence, t, payload)
        if self._put(self._all, record, self._base):
            self._base = self._all.ring.base
        else:
            self._losses.lose_record("flash fault", record)

    def _put(self, kept, record, base):
        """Whether a ring has taken a record. base: as of `Ring.append`."""
        ring = kept.ring
        if len(record) > LARGEST:
            return False
        for _ in range(_TRIES):
            if not ring.has_room(len(record), base):
                if self._see_to_room(kept):
                    # It is told later, for this record has its number. (A bad block, and a power
                    # cut before that is told, hide a sector.)
                    self._leave(kept)
                if self._reader.sector == ring.following():
                    self.rewind()
                if not ring.turn(base):
                    continue
            if ring.append(record, base):
                return True
        return False

    def _see_to_room(self, kept):
        """A record needs another sector: nothing in that is wanted any more; whether what was
        thinned for it is to be told first."""
        if not kept.is_full():
            return False
        if kept is self._all:
            self._thin(at_once=True)
            return self._is_thinned
        self._give_up()
        return False

    def _give_up(self, is_told_first=False):
        """The oldest sector of events goes with all that is in it.

        is_told_first: for a power cut would cost what is not told yet. Not in the midst of what
        tells something itself.
        """
        kept, place = self._events, self._place
        sector = kept.tail.sector
        while True:
            place.as_at(kept.tail)
            record = kept.ring.read(kept.tail)
            if record is None:
                self._lose_spoilt(kept, kept.tail, None)
                break
            try:
                self._losses.lose_record("full", record)
                self._lose_spoilt(kept, kept.tail, record)
            except MemoryError:
                kept.tail.as_at(place)
                raise
        if is_told_first:
            self._losses.tell(self._add_event)
        # Where that met a bad block, it may have gone for the sake of another.
        if kept.tail.sector == sector:
            self._leave(kept)

    def _lose_spoilt(self, kept, cursor, record):
        """What stood between the last record and this, and cannot be read. None: between the last
        of its sector and the next one's first, for a changed length hides all that is behind it.
        """
        if cursor.spoilt:
            following = record or self._first_after(kept, cursor.sector)
            # Events alone have gaps between their numbers: at a sector's end these say the most.
            is_counted = following and (record is None or kept is self._all)
            name = encoding.head(following)[1:] if following else (self._boot, 0, self._t)
            self._losses.lose_spoilt(cursor, *name, is_counted)

    def _first_after(self, kept, sector):
        """The first record behind a sector; None where there is none yet."""
        ring, place = kept.ring, self._place
        place.go(ring.after(sector))
        if ring.took_nothing and place.sector == ring.newest:
            return None
        return ring.read(place)

    def _thin(self, at_once=False):
        """Go on with thinning the sector that is to be written next, by some records or all.

        Whether the oldest events have to go first; for `at_once` they are gone.
        """
        kept, is_in_midst = self._all, at_once
        if not kept.is_full():
            self._thinning = None
            return False
        if self._is_thinned:
            return False
        if self._thinning is None:
            # On demand: most journals never fill up.
            from tamer.tell.thinning import Thinning

            if self._interrupted:
                self._look_for_twice()
                self._interrupted = False
            self._thinning = Thinning(kept.tail)
        thinning = self._thinning
        # It is through before the newest sector is full: after a restart that may be soon.
        left, room = SECTOR - thinning.cursor.at, SECTOR - kept.ring.end
        some = max(_AT_ONCE, left // (room + 1) + 1)
        if self._sequence == 1 and some > _AT_ONCE:
            # Nothing is listened to yet; later it would cost the second it falls into.
            at_once = True
        for _ in range(SECTOR if at_once else some):
            self._place.as_at(thinning.cursor)
            record = kept.ring.read(thinning.cursor)
            if record is None:
                self._lose_spoilt(kept, thinning.cursor, None)
                self._thinning = None
                self._thinned(thinning)
                return False
            boot, sequence = _name(record)
            is_kept = self._kept_to
            if is_kept == (boot, sequence):
                self._kept_to = None
            if sequence <= self._acknowledged.get(boot, 0):
                # What could not be read before it was told when this was acknowledged.
                thinning.cursor.spoilt = 0
                continue
            if encoding.how_many(record):
                thinning.add(record)
            elif is_kept:
                pass
            elif not is_in_midst and self._needs_room(len(record), thinning.cursor.before):
                thinning.cursor.as_at(self._place)
                return True
            elif self._put(self._events, record, thinning.cursor.before):
                self._twice[boot] = min(sequence, self._twice.get(boot, sequence))
            else:
                self._losses.lose_record("flash fault", record)
            self._lose_spoilt(kept, thinning.cursor, record)
        return False

    def _needs_room(self, size, base):
        """Whether an event is to be kept for which others have to go."""
        return self._events.is_full() and not self._events.ring.has_room(size, base)

    def _look_for_twice(self):
        """A power cut, or want of memory, came while a sector was thinned: how far that was."""
        last, cursor, ring = self._events.ring.last, self._place, self._all.ring
        cursor.as_at(self._all.tail)
        while True:
            record = ring.read(cursor)
            if record is None:
                return
            boot, sequence = _name(record)
            self._twice[boot] = min(sequence, self._twice.get(boot, sequence))
            if (boot, sequence) == last:
                self._kept_to = last

    def _thinned(self, thinning):
        """The sector may go, as soon as what is left of it is told."""
        self._tellings += thinning.told()
        self._is_thinned = True
        self._losses.records += thinning.records

    def _leave(self, kept):
        """Nothing in the oldest sector is wanted any more."""
        self._next(kept)
        self.rewind()

    def _next(self, kept):
        kept.next()
        if kept is self._all:
            self._twice, self._kept_to = {}, None
            self._is_thinned = False

    def acknowledge(self, boot, sequence):
        """The hub has every record of `boot` up to `sequence`; how many are done with by it.

        It cannot have what was not read: such a word counts for nothing.
        """
        if not self.was_read(boot, sequence):
            return 0
        acknowledged = self._acknowledged
        acknowledged[boot] = max(sequence, acknowledged.get(boot, 0))
        done = self._settle(self._events) + self._settle(self._all)
        if len(acknowledged) > _BOOTS:
            # What is forgotten is sent again, no more.
            self._acknowledged = {boot: acknowledged[boot]}
        return done

    def _settle(self, kept):
        """Pass over what is acknowledged; a sector of nothing else is not wanted any more."""
        tail, place, done = kept.tail, self._place, 0
        while True:
            place.as_at(tail)
            record = kept.ring.read(tail)
            if record is None:
                if tail.sector == kept.ring.newest:
                    return done
                self._lose_spoilt(kept, tail, None)
                self._next(kept)
                continue
            try:
                boot, sequence = _name(record)
            except MemoryError:
                tail.as_at(place)
                raise
            if sequence > self._acknowledged.get(boot, 0):
                tail.as_at(place)
                return done
            done += 1
            if self._kept_to == (boot, sequence) and kept is self._all:
                self._kept_to = None
            self._lose_spoilt(kept, tail, record)

    def held(self):
        """Bytes of flash with what is not acknowledged, to two sectors; what was thinned aside."""
        return self._all.ring.behind(self._all.tail)

    def rewind(self):
        """Read from the oldest record again that is not acknowledged."""
        self._in = self._events
        self._reader.as_at(self._events.tail)

    def read(self):
        """The next record that was not read yet, in the order they were made; None at the end."""
        while True:
            ring, reader = self._in.ring, self._reader
            record = ring.read(reader)
            if record:
                boot, sequence = _name(record)
                wanted = sequence > self._acknowledged.get(boot, 0)
                if self._in is self._events and sequence >= self._twice.get(boot, 1 << 32):
                    # It is read where it was at first, in its place among the others.
                    wanted = False
                if wanted:
                    self._note(boot, sequence)
                    return Record(boot, sequence, record)
            elif reader.sector != ring.newest:
                reader.go(ring.after(reader.sector))
            elif self._in is self._events:
                self._in = self._all
                reader.as_at(self._all.tail)
            else:
                return None

    def links(self):
        """(the link that the record read last follows, its own), both b"" where it has none."""
        return self._reader.before[1], self._reader.base[1]

    def renew(self, seal, t, payload):
        """Chain by another key, as soon as the event of this payload tells of it; whether it does.

        It may be there already, when the power went behind it.
        """
        if self._newest() != payload:
            self._add(encoding.EVENT, t, payload)
        if self._newest() != payload:
            return False
        self._seals.insert(0, seal)
        self._follow()
        return True

    def _newest(self):
        """The payload of the record that was made last."""
        cursor, payload = self._place, b""
        cursor.go(self._all.ring.newest)
        while True:
            record = self._all.ring.read(cursor)
            if record is None:
                return payload
            payload = record[encoding.HEAD_BYTES :]

    def was_read(self, boot, sequence):
        """Whether a record, or a later one of its boot, was read since the start, not long ago."""
        return sequence <= self._sent.get(boot, 0)

    def _note(self, boot, sequence):
        """A record is on its way, so that it may be acknowledged."""
        if len(self._sent) > _BOOTS and boot not in self._sent:
            # What is on its way of these is sent again.
            self._sent = {}
        self._sent[boot] = max(sequence, self._sent.get(boot, 0))

    def find(self, boot, sequence):
        """A record that was sent not long ago, as bytes; None where it is not among the oldest."""
        cursor = self._place
        for kept in (self._events, self._all):
            sector = kept.tail.sector
            for _ in range(_TRIES):
                cursor.go(sector)
                while True:
                    record = kept.ring.read(cursor)
                    if record is None:
                        break
                    if _name(record) == (boot, sequence):
                        return record
                if sector == kept.ring.newest:
                    break
                sector = kept.ring.after(sector)
        return None


class _Kept:
    """A ring, and from where on its records are wanted."""

    def __init__(self, device, first, count, seals):
        self.ring = Ring(device, first, count, seals)
        self.tail = Cursor(self.ring.oldest)

    def is_full(self):
        """Whether the sector that is to be written next is still wanted."""
        sector = self.tail.sector
        return sector == self.ring.following() and sector != self.ring.newest

    def next(self):
        """The oldest sector is done with."""
        sector = self.tail.sector
        self.ring.done(sector)
        self.tail.go(self.ring.after(sector))
        if self.tail.sector == self.ring.newest and self.ring.took_nothing:
            # There stands what was given up before.
            self.tail.at = SECTOR


def _name(record):
    _, boot, sequence, _ = encoding.head(record)
    return boot, sequence
