"""Cuts the power at each write of an update, from its first part to its last tidying up: the next
starts have the old firmware or the new one, whole, come to rest, and say which. Prints how many
writes there were, and how often each was left. Arguments: the firmware's folder; that of the
virtual box's drivers; one with `flash` (what is on it), `release` (the file), `order.json` (what
the order says of it), `old.json` and `new.json` (SHA-256 by path); how the release is ("good",
"deaf", "crashes"); the first cut, and how many writes are between two of them.
"""

import asyncio
import hashlib
import json
import os
import sys
from binascii import hexlify

import vfs
from cut_power import NOW, Clock, Memory, life, machine
from torn_flash import TornFlash

firmware, drivers, folder, how, first, step = sys.argv[1:7]

KEY, UNIT = "k" * 43, "SIM-0001"
_MOST_STARTS = 12

sys.path[:0] = [firmware, drivers]
import deflate  # noqa: F401
from copied_folder import copy

import factory

# All that is imported later is in memory then: the files are under the knife.
from tamer import (
    failed_starts,
    kept_file,
    pending_order,
    release_check,
    saved_orders,
    saved_release,
    trial,
    update,
)
from tamer.judge import area_limits, calendar, policy, readers, rules, schema  # noqa: F401
from tamer.obey import Box, Obey
from tamer.record import orders, release  # noqa: F401
from tamer.tell.orders import Orders

failed_starts, kept_file, release_check, update  # noqa: B018
sys.path[:2] = []
pending_order.unload = trial.unload = lambda *names: None
trial._TIME, trial._LOOK = 2, 1
_sleep = asyncio.sleep


async def soon(*_):
    await _sleep(0)


asyncio.sleep = asyncio.sleep_ms = soon


class esp32:  # noqa: N801
    @staticmethod
    def NVS(name):
        return memory


sys.modules["machine"], sys.modules["esp32"] = machine, esp32

with open(folder + "/order.json") as file:
    order = json.load(file)
with open(folder + "/release", "rb") as file:
    whole = file.read()
with open(folder + "/old.json") as file:
    old = json.load(file)
with open(folder + "/new.json") as file:
    new = json.load(file)
order.update(n=7, until=NOW + 60, verb="update", size=len(whole))
order["sha256"] = hexlify(hashlib.sha256(whole).digest()).decode()
message = orders.signed(KEY, UNIT, json.dumps(order))


async def receive():
    """The life in which the order comes; ends with the power or with a restart."""
    ignored = lambda *values: None  # noqa: E731
    parts = (None, None, None, Clock(), None, None, Clock(), tell, ignored, None, None, ignored)
    gate = Orders(KEY, UNIT, memory, Clock(), tell, ignored, Obey(Box(*parts, memory)), {})
    ended = asyncio.Event()
    gate._obey._restart = lambda: at_once(ended)
    gate.order(message)
    for index in range(orders.parts_of(len(whole))):
        gate.part(orders.part(7, index, whole))
    for _ in range(20):
        await soon()
    return ended.is_set()


async def at_once(ended):
    ended.set()


told = []


def tell(*values):
    # What is told goes to the flash, too.
    if device.left:
        told.append(values[2:4])


def start():
    """A start as start.py and unit.py have it: whether the box came to rest."""
    factory.trial = 0
    found = factory.mend(lambda: None)
    if not device.left:
        return False
    assert not found, found
    is_new = holds(new)
    assert is_new or holds(old), "neither firmware is whole"
    if is_new and how == "crashes" and factory.trial:
        return False
    pending = None
    _, n, verb = saved_orders.load(memory)
    if verb == "update" or saved_release.load(memory).phase:
        _, pending = trial.resume(n, 1, "/policy.json", memory, lambda: None, lambda: None)
    if pending:
        health = lambda: ("passed", 60, how != "deaf")  # noqa: E731
        flush = lambda: None  # noqa: E731
        asyncio.run(pending_order.settle(pending, "/policy.json", memory, tell, health, flush))
    return True


def holds(files):
    """Whether the firmware is this one, and nothing else; voices and policy come later."""
    own = {path for path in files if path.startswith("/tamer/")}
    return set(paths("/tamer")) == own and all([digest(path) == files[path] for path in own])


def digest(path):
    try:
        with open(path, "rb") as file:
            return hexlify(hashlib.sha256(file.read()).digest()).decode()
    except OSError:
        return None


def paths(where=""):
    """Of all files, and of folders that are empty."""
    found = []
    for name, kind, *_ in os.ilistdir(where or "/"):
        path = where + "/" + name
        found += (paths(path) or [path]) if kind == 0x4000 else [path]
    return found


vfs.umount("/")
vfs.mount(vfs.VfsPosix(folder + "/flash"), "/folder")
device = TornFlash(48)
vfs.VfsLfs2.mkfs(device)
vfs.mount(vfs.VfsLfs2(device), "/")
copy("/folder", "")
vfs.umount("/folder")
vfs.umount("/")
memory = Memory(device)
assert life(device, start)
began, kept = bytes(device.data), dict(memory.kept)

cuts, left = int(first), {"old": 0, "new": 0}
is_through = False
while not is_through:
    device.data[:] = began
    memory.kept = dict(kept)
    del told[:]
    device.left = cuts
    life(device, lambda: asyncio.run(receive()))
    for _ in range(_MOST_STARTS):
        if not device.left:
            # The power comes back.
            device.left = 1 << 30
        rests = life(device, start)
        if rests and device.left:
            break
    assert rests, (cuts, told, "it never comes to rest")
    is_through = device.left < 1 << 29
    device.left = 1 << 30
    assert life(device, start), cuts
    vfs.mount(vfs.VfsLfs2(device), "/")
    has = "new" if holds(new) else "old"
    wanted = new if has == "new" else old
    for path in wanted:
        assert digest(path) == wanted[path], (cuts, told, path)
    others = [path for path in paths() if path not in wanted]
    assert others == ["/root.key"] or not others, (cuts, told, others)
    vfs.umount("/")
    # What it has told, is so.
    last = [said[0] for said in told if said[0] in ("done", "refused")][-1:]
    assert last != (["done"] if has == "old" else ["refused"]), (cuts, told)
    assert has == "old" or how == "good", (cuts, told)
    left[has] += 1
    cuts += int(step)
assert left["old"] and (left["new"] or how != "good")
print(json.dumps([cuts, left["old"], left["new"]]))
