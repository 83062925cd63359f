"""Does to a chip's flash what the flash tool does last. Arguments: the drivers' folder, the file
of the flash, its size, the snippet."""

import os
import sys

import vfs

drivers, partition, size, snippet = sys.argv[1:5]

sys.path.insert(0, drivers)
from flash import Flash, file_system

with open(snippet) as file:
    exec(file.read())

device = Flash(open(partition, "r+b"), int(size))
vfs.umount("/")
vfs.mount(file_system(device), "/")
os.chdir("/")


def folders(folder):
    """It and all in it."""
    found = [folder]
    for name, kind, *_ in os.ilistdir(folder or "/"):
        if kind == 0x4000:
            found += folders(folder + "/" + name)
    return found


for folder in folders(""):
    settle(folder)  # noqa: F821 (of the snippet)
vfs.umount("/")
