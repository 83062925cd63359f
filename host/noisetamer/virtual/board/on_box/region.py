"""A region of the flash file: blocks for LittleFS. The file holds the flash's complement."""

from flash import BLOCK, Flash, complement


class Region(Flash):
    """`at` and `size` in bytes, whole blocks; LittleFS may use the first `room` of them."""

    def __init__(self, file, at, size, room):
        super().__init__(file, min(size, room))
        self._at = at
        self._scratch = bytearray(BLOCK)

    def readblocks(self, block, buffer, offset=0):
        """As flash.Flash."""
        super().readblocks(block, buffer, self._at + offset)
        complement(buffer, len(buffer))

    def writeblocks(self, block, buffer, offset=0):
        """As flash.Flash."""
        n = len(buffer)
        data = memoryview(self._scratch)[:n]
        data[:] = buffer
        complement(data, n)
        super().writeblocks(block, data, self._at + offset)
