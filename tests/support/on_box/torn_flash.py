"""A flash whose power can be cut. Runs in MicroPython."""

import errno

BLOCK = 4096


class TornFlash:
    """A block device that takes `left` more writes, the last one torn, and then no more."""

    def __init__(self, blocks):
        self.data = bytearray(BLOCK * blocks)
        self.left = 1 << 30

    def readblocks(self, block, buffer, offset=0):
        at = BLOCK * block + offset
        buffer[:] = self.data[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        if not self.left:
            return -errno.EIO
        self.left -= 1
        at = BLOCK * block + offset
        n = len(buffer) if self.left else len(buffer) // 2
        self.data[at : at + n] = buffer[:n]
        return 0

    def ioctl(self, operation, argument):
        return {4: len(self.data) // BLOCK, 5: BLOCK}.get(operation, 0)
