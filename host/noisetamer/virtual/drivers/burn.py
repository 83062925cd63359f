"""Write a new flash: format the partition and copy a folder into it.

Arguments: the partition's file, its size, the folder.
"""

import os
import sys

import vfs
from flash import Flash, file_system, format_partition


def copy(source, target):
    """A folder into another, with all that is in it."""
    for name, kind, *_ in os.ilistdir(source):
        here, there = source + "/" + name, target + "/" + name
        if kind == 0x4000:
            os.mkdir(there)
            copy(here, there)
        else:
            with open(here, "rb") as file, open(there, "wb") as new:
                while chunk := file.read(4096):
                    new.write(chunk)


partition, size, folder = sys.argv[1:4]
device = Flash(open(partition, "r+b"), int(size))
format_partition(device)
vfs.mount(file_system(device), "/flash")
copy(folder, "/flash")
vfs.umount("/flash")
