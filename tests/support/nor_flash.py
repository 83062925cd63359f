"""NOR flash in memory, for both Pythons: programming makes bits 0, erasing makes them 1."""

SECTOR = 4096


class NorFlash:
    """A block device as esp32.Partition is one. It counts what is done to it.

    `erases`: of each sector. `programmed`: bytes. `operations`: erases and programmings.
    `worn`: sectors that take nothing any more, "silent" ones without a word of it.
    """

    def __init__(self, sectors):
        self.data = bytearray(b"\xff" * (sectors * SECTOR))
        self.erases = [0] * sectors
        self.reads = self.read_bytes = self.programmed = self.operations = 0
        self.worn = {}

    def readblocks(self, block, buffer, offset=0):
        at = self._at(block, offset, len(buffer))
        self.reads += 1
        self.read_bytes += len(buffer)
        buffer[:] = self.data[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset):
        at = self._at(block, offset, len(buffer))
        old = self.data[at : at + len(buffer)]
        self.programmed += len(buffer)
        left = int.from_bytes(old, "big") & int.from_bytes(buffer, "big")
        self._change(block, at, old, left.to_bytes(len(old), "big"))

    def ioctl(self, operation, argument):
        if operation == 4:
            return len(self.erases)
        if operation == 5:
            return SECTOR
        assert operation == 6
        at = self._at(argument, 0, SECTOR)
        self.erases[argument] += 1
        self._change(argument, at, self.data[at : at + SECTOR], b"\xff" * SECTOR)
        return 0

    def _at(self, block, offset, n):
        assert 0 <= block < len(self.erases) and 0 <= offset <= offset + n <= SECTOR
        return block * SECTOR + offset

    def _change(self, block, at, old, new):
        self.operations += 1
        if block in self.worn:
            if self.worn[block] == "silent":
                return
            raise OSError(5)
        self.data[at : at + len(new)] = new
