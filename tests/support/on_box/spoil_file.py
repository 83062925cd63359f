"""Spoils one file on a chip's flash. Arguments: the drivers' folder, the file of the flash, its
size, the path on the box, how, a number that chance begins with, another path on the box."""

import os
import random
import sys

import vfs

drivers, partition, size, path, how, seed, other = sys.argv[1:8]

sys.path.insert(0, drivers)
from flash import Flash, file_system

vfs.mount(file_system(Flash(open(partition, "r+b"), int(size))), "/flash")
path, other = "/flash" + path, "/flash" + other
random.seed(int(seed))

with open(path, "rb") as file:
    content = bytearray(file.read())
if how == "cut":
    content = content[: random.randrange(len(content))]
elif how == "flipped":
    for _ in range(random.randrange(1, 4)):
        content[random.randrange(len(content))] ^= 1 << random.randrange(8)
elif how == "zeroed":
    begin = random.randrange(len(content))
    for i in range(begin, min(len(content), begin + random.choice((256, 4096)))):
        content[i] = 0
elif how == "random":
    begin = random.randrange(len(content))
    for i in range(begin, min(len(content), begin + random.choice((256, 4096)))):
        content[i] = random.getrandbits(8)
elif how == "swapped":
    with open(other, "rb") as file:
        content = file.read()
if how == "deleted":
    os.remove(path)
else:
    with open(path, "wb") as file:
        file.write(content)
vfs.umount("/flash")
