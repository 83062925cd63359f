"""Cuts the power at each write of a mending, one after the other; the next start is to make all
whole. Prints how many writes there were. Arguments: the folder that is the box's flash, spoilt;
that of the virtual box's drivers."""

import errno
import os
import sys

import vfs

sys.path.insert(0, sys.argv[2])
from copied_folder import copy

BLOCK = 4096


class Memory:
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


def found(device):
    """What a start finds."""
    vfs.mount(vfs.VfsLfs2(device), "/")
    os.chdir("/")
    try:
        return factory.mend(lambda: None)
    finally:
        vfs.umount("/")


vfs.umount("/")
vfs.mount(vfs.VfsPosix(sys.argv[1]), "/folder")
device = Memory(60)
vfs.VfsLfs2.mkfs(device)
vfs.mount(vfs.VfsLfs2(device), "/")
copy("/folder", "")
sys.path[:] = [""]

import factory

vfs.umount("/")
spoilt = bytes(device.data)
cuts = 0
has_all = False
while not has_all:
    device.data[:] = spoilt
    device.left = cuts
    found(device)
    has_all = device.left > 0
    device.left = 1 << 30
    found(device)
    assert found(device) == {}, cuts
    cuts += 1
print(cuts)
