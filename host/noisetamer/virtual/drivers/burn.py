"""Write a new flash: format the partition and copy a folder into it.

Arguments: the partition's file, its size, the folder.
"""

import sys

import vfs
from copied_folder import copy
from flash import Flash, file_system, format_partition


partition, size, folder = sys.argv[1:4]
device = Flash(open(partition, "r+b"), int(size))
format_partition(device)
vfs.mount(file_system(device), "/flash")
copy(folder, "/flash")
vfs.umount("/flash")
