"""The journal in files of a LittleFS, for want of a partition. Runs in MicroPython, on a partition
in RAM whose power can be cut."""

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


class PowerCutError(Exception):
    pass


class Partition:
    """NOR flash: what is erased reads 0xff; a cut tears the write it happens in."""

    def __init__(self, blocks=64):
        self._blocks = blocks
        self._data = bytearray(blocks * _BLOCK)
        self._writes_left = -1
        vfs.VfsLfs2.mkfs(self)

    def mounted(self, writes_left=-1):
        """The file system after power came; it goes in the write after so many."""
        if mounted:
            vfs.umount("/flash")
        mounted[:] = [self]
        self._writes_left = writes_left
        vfs.mount(vfs.VfsLfs2(self), "/flash")
        return self

    def readblocks(self, block, buffer, offset=0):
        at = block * _BLOCK + offset
        buffer[:] = memoryview(self._data)[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = block * _BLOCK + offset
        if self._writes_left == 0:
            half = len(buffer) // 2
            self._data[at : at + half] = memoryview(buffer)[:half]
            self._writes_left = -2
        if self._writes_left == -2:
            raise PowerCutError
        self._writes_left -= self._writes_left > 0
        self._data[at : at + len(buffer)] = buffer

    def ioctl(self, operation, argument):
        if operation == 4:
            return self._blocks
        if operation == 5:
            return _BLOCK
        if operation == 6:
            if self._writes_left == -2:
                raise PowerCutError
            self._data[argument * _BLOCK : (argument + 1) * _BLOCK] = b"\xff" * _BLOCK
        return 0


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
    partition = Partition().mounted()
    filled(90, boot=9)
    partition.mounted()
    book = filled(3, boot=10)
    assert contents(book) == numbered(9, 1, 90) + numbered(10, 1, 3)
    assert book.acknowledge(9, 90) == 90
    partition.mounted()
    assert contents(journal(11))[-3:] == numbered(10, 1, 3)


def test_it_fits_the_file_system_it_finds_and_leaves_a_half_of_it():
    partition = Partition(blocks=64).mounted()
    filled(1500)
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
    partition = Partition(blocks=24).mounted()
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
    Partition().mounted()
    os.mkdir("/flash/journal")
    for name in ("readme", "000001-00000001"):
        with open("/flash/journal/" + name, "wb") as file:
            file.write(b"not a sector")
    assert contents(filled(2)) == numbered(1, 1, 2)
    assert "readme" not in os.listdir("/flash/journal")


def test_every_record_appended_before_a_power_cut_is_there_after_it():
    cuts = writes = 0
    while cuts == writes:
        partition = Partition(24).mounted(writes)
        appended = 0
        try:
            book = journal()
            for _ in range(25):
                book.append(SECONDS, _T, _BODY)
                appended += 1
        except PowerCutError:
            cuts += 1
        writes += 1
        partition.mounted()
        book = journal(boot=2)
        hub = ChainChecker(_UNIT, _KEY)
        sent(book, hub)
        assert hub.findings == []
        found = contents(book)
        # The one that was under way may be there too.
        assert found in (numbered(1, 1, appended), numbered(1, 1, appended + 1)), writes
    assert cuts > 50
