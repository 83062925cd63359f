"""A ring's sectors as files, for a flash without a partition for the journal.

The file system erases and copies at will: a record costs an erase again. It is for boards that
somebody else has given MicroPython, and for those flashed before there was that partition.
"""

import os

_SECTOR = 4096

_LEAST = 8
_MOST = 256  # more files in a folder, and to find one takes too long

# Of the free room a half: each file has an entry in the folder and a block that is being replaced.
_SHARE = 2

_COUNT = "count"


class SectorFiles:
    """A block device, as `ring.Ring` wants one, in a folder. Files that are none of it go."""

    def __init__(self, folder):
        self._folder = folder
        try:
            os.mkdir(folder)
        except OSError:
            pass
        self._sectors = self._counted()
        names = [str(n) for n in range(self._sectors)] + [_COUNT]
        for name in os.listdir(folder):
            if name not in names:
                os.remove(self._path(name))

    def _counted(self):
        """How many there are: settled once, by the room there was then."""
        try:
            with open(self._path(_COUNT)) as file:
                return min(max(int(file.read()), _LEAST), _MOST)
        except (OSError, ValueError):
            pass
        block, _, _, free = os.statvfs(self._folder)[:4]
        # Those of an older firmware go as well.
        free = block * free + sum(
            os.stat(self._path(name))[6] for name in os.listdir(self._folder)
        )
        count = min(max(free // _SHARE // _SECTOR, _LEAST), _MOST)
        try:
            with open(self._path(_COUNT), "w") as file:
                file.write(str(count))
        except OSError:
            pass
        return count

    def _path(self, name):
        return "%s/%s" % (self._folder, name)

    def readblocks(self, block, buffer, offset=0):
        """What was never written reads as erased."""
        n = 0
        try:
            with open(self._path(block), "rb") as file:
                file.seek(offset)
                n = file.readinto(buffer)
        except OSError:
            pass
        for i in range(n, len(buffer)):
            buffer[i] = 0xFF

    def writeblocks(self, block, buffer, offset):
        """Written, not programmed: bits may come back. OSError where there is no room."""
        path = self._path(block)
        try:
            file = open(path, "r+b")
        except OSError:
            file = open(path, "wb")
        with file:
            gap = offset - file.seek(0, 2)
            if gap > 0:
                file.write(b"\xff" * gap)
            file.seek(offset)
            file.write(buffer)

    def ioctl(self, operation, argument):
        """Count (4), size (5), erase one (6)."""
        if operation == 4:
            return self._sectors
        if operation == 5:
            return _SECTOR
        if operation == 6:
            try:
                os.remove(self._path(argument))
            except OSError:
                pass
            return 0
        return None
