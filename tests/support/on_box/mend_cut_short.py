"""Cuts the power at each write of a mending, one after the other; the next start is to make all
whole. Prints how many writes there were. Arguments: the folder that is the box's flash, spoilt;
that of the virtual box's drivers."""

import os
import sys

import vfs
from torn_flash import TornFlash

sys.path.insert(0, sys.argv[2])
from copied_folder import copy


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
device = TornFlash(60)
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
