"""Writes folders as a chip does, then spoils one block of its flash after the other. Prints
without how many blocks a folder does not open: before and after each has been written twice.

Argument: workshop/port/on_box, where `unpack` is.
"""

import os
import sys

import vfs

sys.path.insert(0, sys.argv[1])
sys.path.insert(0, sys.argv[0].rsplit("/tests/", 1)[0] + "/host/noisetamer/virtual/drivers")
import unpack
from flash import BLOCK

BLOCKS = 96
ERASED = b"\xff" * BLOCK
FOLDERS = {"/flash": 4, "/flash/few": 3, "/flash/none": 0, "/flash/many": 60}


class Chip:
    """Erased it holds ones."""

    def __init__(self):
        self.content = bytearray(ERASED * BLOCKS)

    def readblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        buffer[:] = memoryview(self.content)[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        at = block * BLOCK + offset
        memoryview(self.content)[at : at + len(buffer)] = buffer

    def ioctl(self, operation, argument):
        if operation == 4:
            return BLOCKS
        if operation == 5:
            return BLOCK
        if operation == 6:
            self.writeblocks(argument, ERASED)
        return 0


def names(chip):
    """Of all folders; None where one does not open. An older copy may have one of `settle`'s."""
    try:
        vfs.mount(vfs.VfsLfs2(chip), "/flash", readonly=True)
    except OSError:
        return None
    try:
        return [
            [name for name in os.listdir(folder) if not name.endswith("~")] for folder in FOLDERS
        ]
    except OSError:
        return None
    finally:
        vfs.umount("/flash")


def needed(chip):
    whole = names(chip)
    assert whole and sum(map(len, whole)) == 3 + sum(FOLDERS.values())
    lost = 0
    for block in range(BLOCKS):
        kept = bytes(memoryview(chip.content)[block * BLOCK : (block + 1) * BLOCK])
        if kept == ERASED:
            continue
        chip.writeblocks(block, bytes(BLOCK))
        lost += names(chip) != whole
        chip.writeblocks(block, kept)
    return lost


chip = Chip()
vfs.VfsLfs2.mkfs(chip)
vfs.mount(vfs.VfsLfs2(chip), "/flash")
for folder, files in FOLDERS.items():
    if folder != "/flash":
        os.mkdir(folder)
    for i in range(files):
        with open("%s/name_%d.mpy" % (folder, i), "w") as file:
            file.write("x")
vfs.umount("/flash")
print(needed(chip))
vfs.mount(vfs.VfsLfs2(chip), "/flash")
for folder in FOLDERS:
    unpack.settle(folder)
vfs.umount("/flash")
print(needed(chip))
