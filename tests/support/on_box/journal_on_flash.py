"""The journal on LittleFS. Runs in MicroPython, on a partition in RAM whose power can be cut."""

# A box has no pathlib.

import os

import vfs

from tamer.record.encoding import EVENT, HEAD_BYTES, SECONDS, record
from tamer.tell.journal import Journal

_BLOCK = 4096
_T = 1795431600
_BODY = b"a hundred bytes or so, as ten seconds are: " + bytes(range(61))
_FRAME = 6 + HEAD_BYTES + len(_BODY)
_PLENTY = 1000000


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


def journal(boot=1, capacity=_PLENTY):
    return Journal("/flash/journal", capacity, boot)


def filled(records, boot=1, capacity=_PLENTY):
    book = journal(boot, capacity)
    for _ in range(records):
        book.append(SECONDS, _T, _BODY)
    return book


def contents(book):
    """(boot, sequence) of every record."""
    found = []
    book.rewind()
    while True:
        read = book.read({})
        if read is None:
            return found
        assert read.body == record(SECONDS, read.boot, read.sequence, _T, _BODY)
        found.append((read.boot, read.sequence))


def numbered(boot, first, last):
    return [(boot, sequence) for sequence in range(first, last + 1)]


def segments():
    return sorted(os.listdir("/flash/journal"))


def size(name):
    return os.stat("/flash/journal/" + name)[6]


def shorten(name, by):
    path = "/flash/journal/" + name
    with open(path, "rb") as file:
        data = file.read()
    with open(path, "wb") as file:
        file.write(data[: len(data) - by])


def test_a_new_journal_is_empty():
    Partition().mounted()
    book = journal()
    assert book.read({}) is None
    assert (book.oldest(1), book.lost) == (1, 0)


def test_records_are_numbered_from_one_and_keep_kind_and_body():
    Partition().mounted()
    book = journal(boot=7)
    assert book.append(SECONDS, _T, _BODY) == 1
    assert book.append(EVENT, _T, b"{}") == 2
    assert tuple(book.read({})) == (7, 1, record(SECONDS, 7, 1, _T, _BODY))
    assert tuple(book.read({})) == (7, 2, record(EVENT, 7, 2, _T, b"{}"))
    assert book.read({}) is None


def test_records_of_many_segments_are_read_in_order():
    Partition().mounted()
    book = filled(500)
    assert len(segments()) == 4
    assert contents(book) == numbered(1, 1, 500)


def test_what_is_appended_while_reading_is_read_too():
    Partition().mounted()
    book = filled(1)
    assert book.read({}).sequence == 1
    assert book.read({}) is None
    for sequence in range(2, 400):
        book.append(SECONDS, _T, _BODY)
        assert book.read({}).sequence == sequence
        assert book.read({}) is None


def test_what_the_hub_has_is_not_read_again():
    Partition().mounted()
    filled(5, boot=1)
    book = filled(5, boot=2)
    found = []
    while True:
        read = book.read({1: 3, 2: 4})
        if read is None:
            break
        found.append((read.boot, read.sequence))
    assert found == [(1, 4), (1, 5), (2, 5)]


def test_what_is_acknowledged_goes_a_segment_at_a_time():
    Partition().mounted()
    book = filled(500)
    before = segments()
    second = int(before[1].split("-")[1])
    book.acknowledge(1, second - 2)
    assert segments() == before
    book.acknowledge(1, second - 1)
    assert segments() == before[1:]
    assert contents(book) == numbered(1, second, 500)
    assert (book.oldest(1), book.lost) == (second, 0)


def test_an_acknowledgement_is_for_one_boot():
    Partition().mounted()
    filled(5, boot=1)
    book = filled(5, boot=2)
    book.acknowledge(3, 99)
    assert contents(book) == numbered(1, 1, 5) + numbered(2, 1, 5)
    book.acknowledge(1, 99)
    assert contents(book) == numbered(2, 1, 5)
    assert (book.oldest(1), book.oldest(2)) == (6, 1)


def test_the_segment_being_written_stays():
    Partition().mounted()
    book = filled(5)
    book.acknowledge(1, 5)
    assert book.append(SECONDS, _T, _BODY) == 6
    assert contents(book) == numbered(1, 1, 6)


def test_segments_dropped_under_the_reader_do_not_stop_it():
    Partition().mounted()
    book = filled(500)
    second = int(segments()[1].split("-")[1])
    for _ in range(10):
        book.read({})
    book.acknowledge(1, second - 1)
    assert book.read({}).sequence == second


def test_a_new_boot_begins_a_new_count_and_older_records_come_first():
    partition = Partition().mounted()
    filled(200, boot=9)
    partition.mounted()
    filled(3, boot=10)
    partition.mounted()
    book = filled(2, boot=11)
    expected = numbered(9, 1, 200) + numbered(10, 1, 3) + numbered(11, 1, 2)
    assert contents(book) == expected
    assert [book.oldest(boot) for boot in (9, 10, 11)] == [1, 1, 1]


def test_a_full_journal_gives_up_its_oldest_and_counts_them():
    Partition().mounted()
    capacity = 60000
    book = filled(2000, capacity=capacity)
    assert sum(size(name) for name in segments()) <= capacity + _FRAME
    left = contents(book)
    assert left == numbered(1, book.oldest(1), 2000)
    assert book.lost == book.oldest(1) - 1
    assert len(left) > 3 * capacity // 4 // _FRAME - 16384 // _FRAME


def test_a_full_journal_gives_up_older_boots_first():
    Partition().mounted()
    filled(100, boot=1)
    book = filled(600, boot=2, capacity=60000)
    assert {boot for boot, _ in contents(book)} == {2}
    assert book.lost == 100 + book.oldest(2) - 1


def test_a_frame_cut_short_ends_its_segment_and_harms_no_other():
    for by in (1, len(_BODY), len(_BODY) + 1, _FRAME - 1):
        partition = Partition().mounted()
        filled(300, boot=1)
        damaged = segments()[0]
        last = int(segments()[1].split("-")[1]) - 1
        shorten(damaged, by)
        partition.mounted()
        book = filled(3, boot=2)
        expected = numbered(1, 1, last - 1) + numbered(1, last + 1, 300) + numbered(2, 1, 3)
        assert contents(book) == expected, by


def test_a_changed_bit_ends_its_segment_and_harms_no_other():
    partition = Partition().mounted()
    filled(10, boot=1)
    path = "/flash/journal/" + segments()[0]
    with open(path, "rb") as file:
        data = bytearray(file.read())
    data[6 * _FRAME + 50] ^= 4
    with open(path, "wb") as file:
        file.write(data)
    partition.mounted()
    book = filled(3, boot=2)
    assert contents(book) == numbered(1, 1, 6) + numbered(2, 1, 3)


def test_a_spoilt_segment_goes_once_its_readable_part_is_acknowledged():
    partition = Partition().mounted()
    filled(300, boot=1)
    shorten(segments()[0], 1)
    partition.mounted()
    book = filled(3, boot=2)
    readable = [sequence for boot, sequence in contents(book) if boot == 1]
    last = next(n for n in readable if n + 1 not in readable)
    before = len(segments())
    book.acknowledge(1, last)
    assert len(segments()) == before - 1
    assert book.oldest(1) == last + 2


def test_a_file_of_somebody_else_does_not_stop_the_box():
    partition = Partition().mounted()
    filled(3, boot=1)
    with open("/flash/journal/readme", "wb") as file:
        file.write(b"not a segment")
    partition.mounted()
    assert contents(filled(2, boot=2)) == numbered(1, 1, 3) + numbered(2, 1, 2)


def test_a_flash_that_is_full_costs_the_oldest_records_and_nothing_else():
    partition = Partition(blocks=24).mounted()
    book = filled(800, boot=1)
    kept = [sequence for _, sequence in contents(book)]
    assert kept == list(range(kept[0], 801))
    assert book.lost == kept[0] - 1 > 0
    partition.mounted()


def test_an_empty_segment_is_passed_over_and_can_be_acknowledged():
    partition = Partition().mounted()
    filled(3, boot=1)
    shorten(segments()[0], 3 * _FRAME)
    partition.mounted()
    book = filled(3, boot=2)
    assert contents(book) == numbered(2, 1, 3)
    book.acknowledge(1, 0)
    assert len(segments()) == 1


def test_every_record_appended_before_a_power_cut_is_there_after_it():
    cuts = writes = 0
    while cuts == writes:
        partition = Partition(16).mounted(writes)
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
        found = contents(journal(boot=2))
        # The one that was under way may be there too.
        assert found in (numbered(1, 1, appended), numbered(1, 1, appended + 1)), writes
    assert cuts > 50
