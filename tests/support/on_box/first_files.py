"""Mounts a chip's flash, with MicroPython's own sizes, reads what is there and writes more.

Arguments: a file with the complement of the flash, which can only be programmed to 0 between two
erases; its size; a folder with what should be there.
"""

import os
import sys

import vfs

sys.path.insert(0, sys.argv[0].rsplit("/tests/", 1)[0] + "/host/noisetamer/virtual/drivers")
from flash import Nor

flash, size, folder = sys.argv[1:4]
device = Nor(open(flash, "r+b"), int(size))


def mounted():
    vfs.mount(vfs.VfsLfs2(device), "/flash")


def content(path):
    with open(path, "rb") as file:
        return file.read()


def same(here, there):
    """How many files."""
    n = 0
    for name, kind, *_ in os.ilistdir(here):
        if kind == 0x4000:
            n += same(here + "/" + name, there + "/" + name)
        else:
            assert content(here + "/" + name) == content(there + "/" + name), name
            n += 1
    return n


mounted()
unchanged = same(folder, "/flash")
more = range(200)
for i in more:
    with open("/flash/voices/%d" % (i % 50), "wb") as file:
        file.write(b"%d " % i * (i % 7 * 60))
vfs.umount("/flash")
mounted()
assert same(folder, "/flash") == unchanged
for i in more[-50:]:
    assert content("/flash/voices/%d" % (i % 50)) == b"%d " % i * (i % 7 * 60)
print("%d as they were, %d more" % (unchanged, len(more)))
