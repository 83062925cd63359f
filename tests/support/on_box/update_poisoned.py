"""Releases that are not as the operator made them, as whoever has the hub's keys could send them:
one byte another in each part of the file, cut off, something more at its end, another order with
it. The box takes none. Arguments: the firmware's folder; that of tests/support/updates.py; a
number that chance begins with; how many. Prints how often each reason was told.
"""

import json
import os
import random
import sys

import vfs
from torn_flash import TornFlash

firmware, folder, seed, n = sys.argv[1:5]
random.seed(int(seed))
sys.path.insert(0, firmware)

from tamer import release_check

with open(folder + "/release", "rb") as file:
    whole = file.read()
with open(folder + "/order.json") as file:
    order = json.load(file)
kept = {}
for name in ("factory.tree", "root.key"):
    with open(folder + "/flash/" + name, "rb") as file:
        kept[name] = file.read()

vfs.umount("/")
device = TornFlash(48)
vfs.VfsLfs2.mkfs(device)
vfs.mount(vfs.VfsLfs2(device), "/")
for name in kept:
    with open("/" + name, "wb") as file:
        file.write(kept[name])

manifest = whole.index(b"\n") + 1
signature = manifest + int(whole[:manifest].split()[2])
contents = whole.index(b"\n", signature) + 1
tail = len(whole) - 1024 - 8 * -(-(len(whole) - 1024) // 1032)
PARTS = ((0, manifest), (manifest, signature), (signature, contents), (contents, tail))
# The checksum of the contents, which is so short that chance hardly ever meets it.
PARTS += ((tail - 4, tail), (tail, len(whole)))


def poisoned(i):
    """(file, order)."""
    told, kind = dict(order), i % 10
    if kind < 6:
        made = bytearray(whole)
        at = random.randrange(*PARTS[kind])
        made[at] = (made[at] + random.randrange(1, 256)) & 255
        return made, told
    if kind == 6:
        return whole[: random.randrange(len(whole))], told
    if kind == 7:
        return whole + bytes([random.getrandbits(8)]), told
    name = random.choice(("release", "manifest", "fresh", "stamp"))
    if name in ("release", "fresh"):
        told[name] += random.choice((-1, 1))
    else:
        at = random.randrange(len(told[name]) - 2)
        letter = random.choice([c for c in "0123456789abcdef" if c != told[name][at]])
        told[name] = told[name][:at] + letter + told[name][at + 1 :]
    return whole, told


def refusal(made, told):
    with open("/new.tree", "wb") as file:
        file.write(made)
    try:
        return release_check.refusal(told, lambda: None)
    finally:
        if "policy.new" in os.listdir("/"):
            os.remove("/policy.new")


assert refusal(whole, order) is None
whys = {}
for i in range(int(n)):
    why = refusal(*poisoned(i))
    assert why, i
    whys[why[0]] = whys.get(why[0], 0) + 1
print(json.dumps(whys))
