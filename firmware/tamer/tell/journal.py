"""Records on flash until the hub has acknowledged them.

One folder of segments; a segment is a file of frames and belongs to one boot. A frame is the
length of a record, its checksum and the record; a frame cut short by a power failure ends its
segment. What the hub acknowledged goes, a segment at a time.
"""

import binascii
import os
import struct
from collections import namedtuple

from tamer.record import encoding

_FRAME = "<HI"
_FRAME_SIZE = struct.calcsize(_FRAME)
_SEGMENT = 16384

# body: the whole record, as `encoding` made it.
Record = namedtuple("Record", ("boot", "sequence", "body"))


class Journal:
    def __init__(self, folder, capacity, boot):
        """`capacity`: bytes the records may fill before the oldest segment is given up."""
        self._folder = folder
        self._capacity = capacity
        self._boot = boot
        self._file = None
        self._sequence = 0
        self._read = None
        self.lost = 0
        try:
            os.mkdir(folder)
        except OSError:
            pass
        # [name, boot, first, last, bytes, last read], oldest first; names sort by age.
        self._segments = []
        for name in reversed(sorted(os.listdir(folder))):
            segment = self._survey(name, self._segments[0] if self._segments else None)
            if segment:
                self._segments.insert(0, segment)

    def _survey(self, name, following):
        """The segment in a file, None if it is none of ours.

        Only the last one of a boot is read through: at every start, a journal of megabytes
        would keep the watchdog waiting too long.
        """
        try:
            boot, first = (int(part) for part in name.split("-"))
        except ValueError:
            return None
        if following and following[1] == boot:
            return [name, boot, first, following[2] - 1, os.stat(self._path(name))[6], first - 1]
        last, size = first - 1, 0
        with open(self._path(name), "rb") as file:
            for record, end in _frames(file, boot):
                last, size = record.sequence, end
        return [name, boot, first, last, size, first - 1]

    def _path(self, name):
        return "%s/%s" % (self._folder, name)

    def append(self, code, t, payload):
        """Number one record and keep it, at once on flash; returns its sequence.

        code, t, payload: as `encoding.record` takes them.

        A flash that does not take it costs the oldest segment, and if that does not help,
        this record: measuring goes on, and `lost` tells.
        """
        self._sequence += 1
        body = encoding.record(code, self._boot, self._sequence, t, payload)
        frame = struct.pack(_FRAME, len(body), _sum(body))
        for _ in range(2):
            try:
                self._write(frame, body)
                return self._sequence
            except OSError:
                self._file = None
                self._give_up_oldest()
        self.lost += 1
        return self._sequence

    def _write(self, frame, body):
        file = self._file
        if file is None or self._segments[-1][4] >= _SEGMENT:
            file = self._new_segment()
        file.write(frame)
        file.write(body)
        file.flush()
        segment = self._segments[-1]
        segment[3] = self._sequence
        segment[4] += len(frame) + len(body)

    def _new_segment(self):
        if self._file is not None:
            self._file.close()
        while self._segments and sum(s[4] for s in self._segments) > self._capacity - _SEGMENT:
            self._give_up_oldest()
        name = "%06d-%08d" % (self._boot, self._sequence)
        self._file = open(self._path(name), "wb")
        before = self._sequence - 1
        self._segments.append([name, self._boot, self._sequence, before, 0, before])
        return self._file

    def _give_up_oldest(self):
        if self._segments:
            oldest = self._segments[0]
            self.lost += oldest[3] - oldest[2] + 1
            self._drop(oldest)

    def _drop(self, segment):
        self._segments.remove(segment)
        if self._read and self._read[0] is segment:
            self._read = None
        os.remove(self._path(segment[0]))

    def acknowledge(self, boot, sequence):
        """The hub has every record of `boot` up to `sequence`."""
        for segment in self._segments[:]:
            done = segment[1] == boot and segment[3] <= sequence
            if done and not (segment is self._segments[-1] and self._file is not None):
                self._drop(segment)

    def oldest(self, boot):
        """The first sequence of `boot` that is still here, or 1 past the last."""
        for segment in self._segments:
            if segment[1] == boot:
                return segment[2]
        return self._sequence + 1

    def rewind(self):
        """Read from the oldest record again."""
        self._read = None

    def read(self, after):
        """The next record not yet read and not among `after` {boot: sequence}; None at the end."""
        while True:
            segment, at = self._read or (None, 0)
            if segment is None:
                if not self._segments:
                    return None
                segment = self._segments[0]
            if at >= segment[4]:
                following = self._segments.index(segment) + 1
                if following == len(self._segments):
                    self._read = (segment, at)
                    return None
                self._read = (self._segments[following], 0)
                continue
            record, end = self._frame_at(segment, at)
            self._read = (segment, end)
            if record and record.sequence > after.get(record.boot, 0):
                return record

    def _frame_at(self, segment, at):
        """(Record, offset behind it); a spoilt frame is the end of its segment."""
        with open(self._path(segment[0]), "rb") as file:
            file.seek(at)
            for record, end in _frames(file, segment[1]):
                segment[5] = record.sequence
                return record, end
        segment[3], segment[4] = segment[5], at
        return None, at


def _sum(body):
    return binascii.crc32(body) & 0xFFFFFFFF


def _frames(file, boot):
    """(Record, offset behind it) of every whole frame from the file's place on."""
    end = file.tell()
    while True:
        head = file.read(_FRAME_SIZE)
        if len(head) < _FRAME_SIZE:
            return
        length, check = struct.unpack(_FRAME, head)
        body = file.read(length)
        if len(body) < length or _sum(body) != check:
            return
        end += _FRAME_SIZE + length
        yield Record(boot, encoding.head(body).sequence, body), end
