"""Prints what is on a chip's flash, {path: SHA-256 in hex}, as JSON.

Arguments: the drivers' folder, the file of the flash, its size.
"""

import binascii
import hashlib
import json
import os
import sys

import vfs

drivers, partition, size = sys.argv[1:]

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


look("/flash")
print(json.dumps(found))
vfs.umount("/flash")
