"""Prints what is on a chip's flash, {path: SHA-256 in hex}, as JSON; or copies one file out of it.
Arguments: the drivers' folder, the file of the flash, its size; and the path, where the copy goes.
"""

import binascii
import hashlib
import json
import os
import sys

import vfs

drivers, partition, size, *one = sys.argv[1:]

sys.path.insert(0, drivers)
from flash import Flash, file_system

vfs.mount(file_system(Flash(open(partition, "r+b"), int(size))), "/flash")
found = {}


def look(folder):
    for name, kind, *_ in os.ilistdir(folder):
        path = folder + "/" + name
        if kind == 0x4000:
            look(path)
        else:
            with open(path, "rb") as file:
                digest = hashlib.sha256(file.read()).digest()
            found[path[len("/flash") :]] = binascii.hexlify(digest).decode()


if one:
    with open("/flash" + one[0], "rb") as file, open(one[1], "wb") as copy:
        copy.write(file.read())
else:
    look("/flash")
    print(json.dumps(found))
vfs.umount("/flash")
