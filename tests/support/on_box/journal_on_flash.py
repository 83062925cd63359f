"""The journal in files of a LittleFS, for want of a partition. Runs in MicroPython, on a partition
in RAM, also as it lies when the power is cut."""

# A box has no pathlib.

import os

import vfs
from chain_checker import ChainChecker, sent

from tamer.record.encoding import SECONDS, record
from tamer.record.seal import Seal
from tamer.tell.journal import Journal
from tamer.tell.sector_files import SectorFiles

_BLOCK = 4096
_T = 1795431600
_UNIT, _KEY = "SIM-0001", "k" * 43
_SEAL = Seal(_KEY)
_BODY = b"a hundred bytes or so, as ten seconds are: " + bytes(range(57))


class Partition:
    """NOR flash: what is erased reads 0xff. changes: where it is a list, gets what is done:
    (place, the bytes then, whether they were written or erased)."""

    def __init__(self, blocks, data=None):
        self._blocks = blocks
        self.data = data or bytearray(blocks * _BLOCK)
        self.changes = None
        if not data:
            vfs.VfsLfs2.mkfs(self)

    def mounted(self):
        """The file system after power came."""
        if mounted:
            vfs.umount("/flash")
        mounted[:] = [self]
        vfs.mount(vfs.VfsLfs2(self), "/flash")
        return self

    def readblocks(self, block, buffer, offset=0):
        at = block * _BLOCK + offset
        buffer[:] = memoryview(self.data)[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        self._changed(block * _BLOCK + offset, buffer, True)

    def ioctl(self, operation, argument):
        if operation == 4:
            return self._blocks
        if operation == 5:
            return _BLOCK
        if operation == 6:
            self._changed(argument * _BLOCK, b"\xff" * _BLOCK, False)
        return 0

    def _changed(self, at, content, written):
        self.data[at : at + len(content)] = content
        if self.changes is not None:
            self.changes.append((at, bytes(content), written))


mounted = []


def journal(boot=1):
    return Journal(SectorFiles("/flash/journal"), boot, [_SEAL], _SEAL.first_link(_UNIT))


def filled(records, boot=1):
    book = journal(boot)
    for _ in range(records):
        book.append(SECONDS, _T, _BODY)
    return book


def contents(book):
    """(boot, sequence) of every record of Seconds."""
    found = []
    book.rewind()
    while True:
        read = book.read()
        if read is None:
            return found
        if read.body[0] == SECONDS:
            assert read.body == record(SECONDS, read.boot, read.sequence, _T, _BODY)
            found.append((read.boot, read.sequence))


def numbered(boot, first, last):
    return [(boot, sequence) for sequence in range(first, last + 1)]


def test_records_of_many_boots_are_kept_and_acknowledged():
    partition = Partition(64).mounted()
    filled(90, boot=9)
    partition.mounted()
    book = filled(3, boot=10)
    assert contents(book) == numbered(9, 1, 90) + numbered(10, 1, 3)
    assert book.acknowledge(9, 90) == 90
    partition.mounted()
    assert contents(journal(11))[-3:] == numbered(10, 1, 3)


def test_it_fits_the_file_system_it_finds_and_leaves_a_half_of_it():
    partition = Partition(32).mounted()
    # More than it can hold.
    assert len(contents(filled(700))) < 600
    block, _, blocks, free = os.statvfs("/flash")[:4]
    assert free > blocks // 3
    # However full it is later on, its sectors stay where they are.
    count = SectorFiles("/flash/journal").ioctl(4, 0)
    with open("/flash/more", "wb") as file:
        for _ in range(free // 2):
            file.write(bytes(block))
    partition.mounted()
    assert SectorFiles("/flash/journal").ioctl(4, 0) == count
    assert contents(filled(3, boot=2))[-3:] == numbered(2, 1, 3)


def test_a_file_system_that_is_full_costs_records_and_nothing_else():
    partition = Partition(24).mounted()
    book = filled(20)
    with open("/flash/more", "wb") as file:
        try:
            while True:
                file.write(bytes(256))
        except OSError:
            pass
    for _ in range(300):
        book.append(SECONDS, _T, _BODY)
    os.remove("/flash/more")
    book.append(SECONDS, _T, _BODY)
    kept = [sequence for _, sequence in contents(book)]
    assert kept == sorted(kept)
    partition.mounted()
    assert contents(journal(2)) == contents(book)


def test_files_of_somebody_else_and_of_older_firmware_go():
    Partition(24).mounted()
    os.mkdir("/flash/journal")
    for name in ("readme", "000001-00000001"):
        with open("/flash/journal/" + name, "wb") as file:
            file.write(b"not a sector")
    assert contents(filled(2)) == numbered(1, 1, 2)
    assert "readme" not in os.listdir("/flash/journal")


def test_every_record_appended_before_a_power_cut_is_there_after_it():
    partition = Partition(24)
    data = bytearray(partition.data)
    done = partition.changes = []
    partition.mounted()
    book = journal()
    # How many changes had been made when it was appended, of each record.
    changes = []
    for _ in range(25):
        book.append(SECONDS, _T, _BODY)
        changes.append(len(done))
    partition.changes = None
    cuts = 0
    for i, (at, content, written) in enumerate(done):
        if written:
            torn = bytearray(data)
            half = len(content) // 2
            torn[at : at + half] = content[:half]
            kept_what_was_appended(torn, sum(made <= i for made in changes))
            cuts += 1
        data[at : at + len(content)] = content
    kept_what_was_appended(data, 25)
    assert cuts > 50


def kept_what_was_appended(data, records):
    """And perhaps the one that was under way; its chain is whole."""
    Partition(24, data).mounted()
    book = journal(boot=2)
    hub = ChainChecker(_UNIT, _KEY)
    sent(book, hub)
    assert hub.findings == []
    assert contents(book) in (numbered(1, 1, records), numbered(1, 1, records + 1)), records
