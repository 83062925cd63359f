"""A ring of flash sectors that records are programmed into, and that are erased one at a time.

NOR flash: an erase makes all bits of a sector 1, programming makes some of them 0, a few bytes
as well as a page. So a record costs no erase; each sector is erased once in a turn of the ring.

A sector begins with its head: magic, serial number, checksum, and a byte that is programmed to 0
once nothing in it is wanted any more. Frames follow: length, record, checksum. Of Seconds that
follow those before them the head of the record (`encoding`) is left out, and made again on
reading. Whatever stands in a sector, reading it ends: what is spoilt is passed over.

Of a unit that chains its records (`seals`) the first frame of a sector has the link before them;
the others are made again on reading. It is there before the sector's head: a sector that counts
has it, wherever the power went. It comes again in the midst of a sector, in one write with the
record behind it, where that does not follow what stands there: after a write that was cut short,
with another key, among events that were kept of more.
"""

import binascii
import struct

from tamer.record import encoding
from tamer.record.seal import LINK, MARK

SECTOR = 4096

_HEAD = "<III"
_MAGIC = 0x314A544E
_DONE_AT = struct.calcsize(_HEAD)
_FRAMES_AT = 16

# Length and checksum around a record.
_AROUND = 4
# Of the frame with the link before a record: with its length, checksum and head.
_LINK_FRAME = 3 + encoding.HEAD_BYTES + MARK + LINK
LARGEST = SECTOR - _FRAMES_AT - _AROUND - _LINK_FRAME

# Bytes read at once: for a frame, for more.
_MOSTLY = 48
_PIECE = 256

# Of a record that is in no chain: the seal and the link that it follows.
UNLINKED = (None, b"")

BATCH = 10  # seconds of a record that cannot be read, most likely


class Cursor:
    """A place between two records of a ring, and what the next one must begin with.

    `base`: what the next one follows. `before`: what the one that was read last followed. `since`,
    once frames are spoilt: (boot, sequence, t) that was to come where the first of them stands.
    """

    since = 0, 0, 0

    def __init__(self, sector):
        self.go(sector)

    def go(self, sector):
        """To the beginning of a sector."""
        self.sector = sector
        self.at = _FRAMES_AT
        self.boot = self.sequence = self.t = 0
        # Spoilt frames since the last good one, of which somebody is told; and all of them.
        self.spoilt = self.torn = 0
        self.base = self.before = UNLINKED

    def as_at(self, other):
        """To the place of another cursor."""
        self.sector, self.at, self.spoilt = other.sector, other.at, other.spoilt
        self.boot, self.sequence, self.t = other.boot, other.sequence, other.t
        self.torn, self.base, self.before = other.torn, other.base, other.before
        self.since = other.since

    def head(self):
        """The head of a record that follows on the last one."""
        return struct.pack(encoding.HEAD, encoding.CODED_SECONDS, self.boot, self.sequence, self.t)

    def pass_over(self, record, size, seal=None):
        """Whole or, where there is no memory, not at all: a record, in a frame of so many bytes.

        seal: of the key by which it is linked to what it follows, if it is.
        """
        _, boot, sequence, t = encoding.head(record)
        seconds = encoding.how_many(record)
        t = (t + seconds) & 0xFFFFFFFF if seconds else self.t
        if seal:
            link = self.base[1]
            for _ in range(self.torn):
                # Something was there that it followed, and nobody knows what.
                link = seal.next_link(link, b"")
            before, base = (seal, link), (seal, seal.next_link(link, record))
            self.torn, self.before, self.base = 0, before, base
        self.boot, self.sequence, self.t = boot, (sequence + 1) & 0xFFFFFFFF, t
        self.at += size

    def go_on(self, base, size):
        """The next record follows this, as is told in so many bytes, whatever stands before."""
        self.torn, self.base, self.before = 0, base, UNLINKED
        self.at += size

    def pass_over_spoilt(self, record, size):
        """What cannot be read, in so many bytes, as if it were what it says: mostly its name is
        sound, and what follows may have left out its own."""
        boot, sequence, t, seconds = self.boot, self.sequence, self.t, BATCH
        if not self.spoilt:
            self.since = boot, sequence, t
        if len(record) > encoding.HEAD_BYTES:
            _, boot, sequence, told = encoding.head(record)
            seconds = encoding.how_many(record)
            t = told if seconds else t
        t = (t + seconds) & 0xFFFFFFFF
        self.boot, self.sequence, self.t = boot, (sequence + 1) & 0xFFFFFFFF, t
        self.spoilt += 1
        self.torn += 1
        self.at += size


class Ring:
    """Sectors `first` to `first + count - 1` of a device.

    `device`: a block device (vfs.AbstractBlockDev) with blocks of SECTOR bytes whose
    writeblocks(block, bytes, offset) programs and whose ioctl(6, block) erases.
    `newest`: the sector that is being written. `end`: where in it the next frame goes. `oldest`:
    where the records began at the start that are still wanted; `newest` if there are none. `last`:
    (boot, sequence) of the record in `newest` that was appended last, or None. `base`: what a
    record follows that stands behind that one: (seal, link). `took_nothing`: whether `newest`
    could not be begun; it may hold what it held before.
    """

    def __init__(self, device, first, count, seals=()):
        """seals: of the keys by which records are linked (`tamer.record.seal`); none: they are
        not."""
        self._device = device
        self._seals = seals
        self._first = first
        self._count = count
        self._serial = 0
        # As if the last one were full.
        self.newest, self.end = first + count - 1, SECTOR
        self.took_nothing = False
        found, wanted, wanted_behind = False, None, None
        for sector in range(first, first + count):
            serial, done = self._look(sector)
            if serial is None:
                continue
            if not done and wanted is None:
                wanted = sector
            if not found or serial > self._serial:
                found, self._serial, self.newest = True, serial, sector
                wanted_behind = None
            elif not done and wanted_behind is None:
                wanted_behind = sector
        # Where the records begin that are still wanted: the first such sector behind the newest.
        self.oldest = wanted if wanted_behind is None else wanted_behind
        if self.oldest is None:
            self.oldest = self.newest
        # What the next frame may leave out.
        self._last = Cursor(self.newest)
        self.last, self.base = None, UNLINKED
        if found:
            self._find_end()

    def _find_end(self):
        last = self._last
        while True:
            record = self.read(last)
            if record is None:
                break
            self.last = encoding.head(record)[1:3]
        self.base = last.base
        if last.spoilt:
            # What was interrupted is nothing to follow on: a link goes before the next.
            last.boot = last.sequence = 0
            self.base = None, last.base[1]
        self.end = last.at if self._is_blank(last.at) else SECTOR

    def following(self):
        """The sector that is to be written next."""
        return self._first + (self.newest - self._first + 1) % self._count

    def after(self, sector):
        """The next sector after this one with something wanted in it, `newest` at the latest."""
        while True:
            sector = self._first + (sector - self._first + 1) % self._count
            if sector == self.newest:
                return sector
            serial, done = self._look(sector)
            if serial is not None and not done:
                return sector

    def behind(self, cursor):
        """Bytes of flash from a cursor to the end."""
        sectors = (self.newest - cursor.sector) % self._count
        # What is left of a sector may be too little for a frame: its readers stand behind that.
        return max(0, sectors * SECTOR + self.end - cursor.at)

    def has_room(self, size, base):
        """Whether so many bytes of records fit into the newest sector. base: as of `append`."""
        if base is not self.base and base != self.base:
            size += _LINK_FRAME
        return self.end + size + _AROUND <= SECTOR

    def turn(self, base):
        """Begin to write the following sector, whatever is in it; False if it takes nothing.

        base: as of `append`.
        """
        self.newest, self.end, self.base = self.following(), SECTOR, UNLINKED
        self.took_nothing = True
        self._last.go(self.newest)
        self._serial = (self._serial + 1) & 0xFFFFFFFF
        head = struct.pack("<II", _MAGIC, self._serial)
        head += struct.pack("<I", binascii.crc32(head) & 0xFFFFFFFF)
        try:
            self._device.ioctl(6, self.newest)
        except OSError:
            return False
        if not self._is_blank(0):
            return False
        first = _link_frame(base) if base[0] else b""
        # The head last: what has one is whole.
        if first and not self._program(_FRAMES_AT, first):
            return False
        if not self._program(0, head):
            return False
        self.end = _FRAMES_AT + len(first)
        self.base = base
        self.took_nothing = False
        return True

    def append(self, record, base):
        """Program a record behind the last one; False if the sector does not take it.

        base: (seal, link) that it follows; UNLINKED: it is in no chain.
        """
        last, first, told = self._last, b"", record
        if base is not self.base and base != self.base:
            first = _link_frame(base)
        elif self.end > _FRAMES_AT and record[: encoding.HEAD_BYTES] == last.head():
            told = record[encoding.HEAD_BYTES :]
        frame = first + _frame(told, record)
        # Before it is there: for want of memory it would be, and nobody know its link.
        seal, link = base
        if seal:
            base = seal, seal.next_link(link, record)
        name = encoding.head(record)[1:3]
        if not self._program(self.end, frame):
            # Neither is it known what stands there now.
            self.end = SECTOR
            return False
        self.end += len(frame)
        self.base, self.last = base, name
        last.pass_over(record, 0)
        return True

    def done(self, sector):
        """Nothing in a sector is wanted any more; a failure only means that after a start it is
        read again, even if it was told to be lost."""
        try:
            self._device.writeblocks(sector, b"\0", _DONE_AT)
        except OSError:
            pass

    def read(self, cursor):
        """The record behind a cursor, which then stands behind that; None at a sector's end.

        Where there is no memory to read it the cursor stands where it stood.
        """
        while cursor.at <= SECTOR - _AROUND:
            # Most frames are shorter than this piece.
            piece = self._bytes(cursor.sector, cursor.at, min(_MOSTLY, SECTOR - cursor.at))
            size, at = piece[0], 1
            if size == 0xFF:
                return None
            if size & 0x80:
                size, at = (size & 0x7F) << 8 | piece[1], 2
            n = at + (size >> 1) + 2
            if cursor.at + n > SECTOR:
                cursor.pass_over_spoilt(b"", 0)
                break
            if n > len(piece):
                piece = self._bytes(cursor.sector, cursor.at, n)
            record = piece[at : n - 2]
            if not size & 1:
                record = cursor.head() + record
            if len(record) > encoding.HEAD_BYTES and _sum(record) == piece[n - 2 : n]:
                if record[0] != encoding.LINK_BEFORE:
                    cursor.pass_over(record, n, cursor.base[0])
                    return record
                cursor.go_on(self._base_in(record), n)
            else:
                cursor.pass_over_spoilt(record, n)
        cursor.at = SECTOR
        return None

    def _base_in(self, record):
        """Of a LINK_BEFORE; UNLINKED where nobody knows its key."""
        at = encoding.HEAD_BYTES + MARK
        for seal in self._seals:
            if seal.mark == record[encoding.HEAD_BYTES : at]:
                return seal, record[at:]
        return UNLINKED

    def _look(self, sector):
        """(serial number or None, whether it is done) of a sector, by its head."""
        head = self._bytes(sector, 0, _DONE_AT + 1)
        magic, serial, check = struct.unpack_from(_HEAD, head)
        if magic != _MAGIC or binascii.crc32(head[:8]) & 0xFFFFFFFF != check:
            return None, True
        return serial, head[_DONE_AT] == 0

    def _is_blank(self, at):
        """Whether the newest sector is erased from there on."""
        for piece in range(at, SECTOR, _PIECE):
            n = min(_PIECE, SECTOR - piece)
            if self._bytes(self.newest, piece, n) != b"\xff" * n:
                return False
        return True

    def _bytes(self, sector, at, n):
        buffer = bytearray(n)
        try:
            self._device.readblocks(sector, buffer, at)
        except OSError:
            buffer = bytearray(n)
        return bytes(buffer)

    def _program(self, at, told):
        # What could want memory comes first: afterwards it stands there.
        buffer = bytearray(len(told))
        try:
            self._device.writeblocks(self.newest, told, at)
            self._device.readblocks(self.newest, buffer, at)
        except OSError:
            return False
        return buffer == told


def _frame(told, record):
    """What is told of a record: all of it, or what follows its head."""
    size = len(told) << 1 | (told is record)
    frame = bytes((size,)) if size < 0x80 else bytes((0x80 | size >> 8, size & 0xFF))
    return frame + told + _sum(record)


def _link_frame(base):
    """Of what the next record follows."""
    seal, link = base
    told = seal.mark + link if seal else bytes(MARK + LINK)
    # A number that no record has: older firmware, put back, would not send it.
    record = encoding.record(encoding.LINK_BEFORE, 0, 0, 0, told)
    return _frame(record, record)


def _sum(record):
    return (binascii.crc32(record) & 0xFFFF).to_bytes(2, "little")
