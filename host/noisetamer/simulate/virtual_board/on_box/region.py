"""A region of the flash file: blocks for LittleFS. The file holds the flash's complement."""

import micropython

_BLOCK = 4096


@micropython.viper
def complement(buffer, n: int):
    p = ptr8(buffer)
    for i in range(n):
        p[i] = p[i] ^ 0xFF


class Region:
    """`at` and `size` in bytes, whole blocks; LittleFS may use the first `room` of them."""

    def __init__(self, file, at, size, room):
        self._file = file
        self._at = at
        self._blocks = min(size, room) // _BLOCK
        self._scratch = bytearray(_BLOCK)

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(self._at + block * _BLOCK + offset)
        self._file.readinto(buffer)
        complement(buffer, len(buffer))

    def writeblocks(self, block, buffer, offset=0):
        n = len(buffer)
        data = memoryview(self._scratch)[:n]
        data[:] = buffer
        complement(data, n)
        self._file.seek(self._at + block * _BLOCK + offset)
        self._file.write(data)

    def ioctl(self, operation, argument):
        if operation == 4:
            return self._blocks
        if operation == 5:
            return _BLOCK
        if operation == 6:  # erase: what is not written again is not read again
            return 0
        return None
