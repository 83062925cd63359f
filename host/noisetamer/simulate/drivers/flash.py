"""The flash chip's file system partition: LittleFS blocks in a file of the same size."""

_BLOCK = 4096


class Flash:
    def __init__(self, file, size):
        self._file = file
        self._blocks = size // _BLOCK

    def readblocks(self, block, buffer, offset=0):
        self._file.seek(block * _BLOCK + offset)
        self._file.readinto(buffer)

    def writeblocks(self, block, buffer, offset=0):
        self._file.seek(block * _BLOCK + offset)
        self._file.write(buffer)

    def ioctl(self, operation, argument):
        if operation == 4:
            return self._blocks
        if operation == 5:
            return _BLOCK
        if operation == 6:  # erase: what is not written again is not read again
            return 0
        return None
