"""Write the file system of a real chip: format the partition and copy a folder into it, as the
chip's own MicroPython would have.

Arguments: the partition's file, erased (0xFF); its size; the folder. Prints the blocks it is in:
LittleFS begins anywhere. The same files give the same bytes.
"""

import sys

import vfs
from copied_folder import copy
from flash import BLOCK, Flash

# What the chip mounts it with (extmod/vfs_lfsx.c). It decides how long a file may be that lies in
# its folder: with longer ones the chip would read no more than the beginning.
_READ = _PROGRAM = 32

_ERASED = b"\xff" * BLOCK


class _Erasing(Flash):
    """The chip takes what is not programmed for erased."""

    def __init__(self, file, size):
        super().__init__(file, size)
        # Also what is blank yet: the second block of a folder, which is read before it is used.
        self.used = set()

    def readblocks(self, block, buffer, offset=0):
        """As Flash."""
        self.used.add(block)
        super().readblocks(block, buffer, offset)

    def ioctl(self, operation, argument):
        """As Flash."""
        if operation == 6:
            self.used.add(argument)
            self.writeblocks(argument, _ERASED)
        return super().ioctl(operation, argument)


partition, size, folder = sys.argv[1:4]
device = _Erasing(open(partition, "r+b"), int(size))
vfs.VfsLfs2.mkfs(device, readsize=_READ, progsize=_PROGRAM)
vfs.mount(vfs.VfsLfs2(device, readsize=_READ, progsize=_PROGRAM, mtime=False), "/flash")
copy(folder, "/flash")
vfs.umount("/flash")
print(*sorted(device.used))
