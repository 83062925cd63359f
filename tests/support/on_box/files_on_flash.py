"""Prints SHA-256 and path of every file in the file systems of chips' flashes.

Arguments: where the partition begins, its size, and files with the complement of a flash; a line
with each one's name comes first.
"""

import binascii
import hashlib
import os
import sys

import vfs

sys.path.insert(0, sys.argv[0].rsplit("/tests/", 1)[0] + "/host/noisetamer/virtual/drivers")
from flash import Nor


def tell(folder):
    for name, kind, *_ in os.ilistdir(folder):
        path = folder + "/" + name
        if kind == 0x4000:
            tell(path)
        else:
            with open(path, "rb") as file:
                digest = hashlib.sha256(file.read()).digest()
            print(binascii.hexlify(digest).decode(), path[len("/flash") :])


at, size = map(int, sys.argv[1:3])
for flash in sys.argv[3:]:
    with open(flash, "rb") as chip:
        vfs.mount(vfs.VfsLfs2(Nor(chip, size, at)), "/flash", readonly=True)
        print(flash)
        tell("/flash")
        vfs.umount("/flash")
