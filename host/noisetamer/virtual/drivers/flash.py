"""The flash chip's file system partition: LittleFS blocks in a file of the same size."""

import micropython
import vfs

BLOCK = 4096
_PAGE = 256  # what the chip programs at once
_ERASED = bytes(_PAGE)  # in the complement


def file_system(device):
    """The LittleFS on a device, page by page."""
    return vfs.VfsLfs2(device, readsize=_PAGE, progsize=_PAGE)


def format_partition(device):
    """An empty LittleFS."""
    vfs.VfsLfs2.mkfs(device, readsize=_PAGE, progsize=_PAGE)


class Flash:
    """A block device of `size` bytes in an open file, as MicroPython's file systems want it."""

    def __init__(self, file, size):
        self._file = file
        self._blocks = size // BLOCK
        self.keeps = None  # keeps(block): whether it is sound; None: all are

    def readblocks(self, block, buffer, offset=0):
        """Fill a buffer from `offset` bytes after the beginning of a block."""
        self._file.seek(block * BLOCK + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=0):
        """Program a buffer there; the chip has no memory of erasing."""
        if self.keeps and not self.keeps(block):
            return
        self._file.seek(block * BLOCK + offset)
        self._file.write(buffer)

    def ioctl(self, operation, argument):
        """vfs.AbstractBlockDev: block count (4), block size (5), erase a block (6)."""
        if operation == 4:
            return self._blocks
        if operation == 5:
            return BLOCK
        if operation == 6:  # erase: what is not written again is not read again
            return 0
        return None


@micropython.viper
def complement(buffer, n: int):
    """Invert the first n bytes in place."""
    p = ptr8(buffer)
    for i in range(n):
        p[i] = p[i] ^ 0xFF


class Nor(Flash):
    """A partition as it is: programming makes bits 0, erasing makes them 1.

    It begins `at` bytes after the file's beginning, which holds the complement: erased, it is a
    hole in a file.
    """

    def __init__(self, file, size, at=0):
        super().__init__(file, size)
        self._at = at

    def readblocks(self, block, buffer, offset=0):
        """As of Flash."""
        super().readblocks(block, buffer, self._at + offset)
        complement(buffer, len(buffer))

    def writeblocks(self, block, buffer, offset=None):
        """Program a buffer there; without an offset the block is erased before."""
        if offset is None:
            self.ioctl(6, block)
            offset = 0
        data = bytearray(len(buffer))
        super().readblocks(block, data, self._at + offset)
        for i, byte in enumerate(buffer):
            data[i] |= byte ^ 0xFF
        super().writeblocks(block, data, self._at + offset)

    def ioctl(self, operation, argument):
        """As of Flash; an erase happens."""
        if operation == 6:
            # In pieces: the firmware's heap is the chip's.
            for offset in range(0, BLOCK, _PAGE):
                Flash.writeblocks(self, argument, _ERASED, self._at + offset)
            return 0
        return super().ioctl(operation, argument)


class Partition:
    """esp32.Partition: those that the firmware looks for. `journal`: a Nor, set at power-on."""

    TYPE_DATA = 1
    journal = None

    @staticmethod
    def find(type, label=None):
        """All of a label."""
        return [Partition.journal] if label == "journal" and Partition.journal else []
