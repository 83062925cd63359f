"""Cuts the power at each write while a policy or a message comes by an order, one after the other:
the next starts have the old one or the new one, whole, and nothing is left lying about. Prints how
many writes there were. Arguments: the firmware's folder, "policy" or "voice"."""

import asyncio
import hashlib
import json
import os
import struct
import sys
from binascii import hexlify

import vfs
from cut_power import NOW, Clock, Memory, life, machine
from torn_flash import TornFlash

KEY, UNIT = "k" * 43, "SIM-0001"

# All that is imported later is in memory then: the files are under the knife.
sys.path.insert(0, sys.argv[1])

from tamer import pending_order, saved_orders, settings
from tamer.act.voice import Voice
from tamer.judge import area_limits, calendar, policy, readers, rules, schema  # noqa: F401
from tamer.obey import Box, Obey
from tamer.record import orders
from tamer.tell.orders import Orders

pending_order._PROVEN = 0
pending_order.unload = settings.unload = lambda *names: None
sys.modules["machine"] = machine
asyncio.sleep_ms = asyncio.sleep


class Speaker:
    """A made one, for what does not sound."""

    i2s, rate, buffered_ms = None, 16000, 250

    def irq(self, called):
        pass


Speaker.i2s = Speaker()


class Runner:
    policy = policy.read({})


def table(limit):
    return json.dumps({"limit": {"day": limit}, "name": "x" * 60, "holidays": ["2026-10-01"] * 90})


def sound(byte):
    """A message of 0.1 s."""
    data = bytes([byte]) * 3200
    head = struct.pack(
        "<4sI4s4sIHHIIHH", b"RIFF", 36 + 3200, b"WAVE", b"fmt ", 16, 1, 1, 16000, 32000, 2, 16
    )
    return head + struct.pack("<4sI", b"data", 3200) + data


VERB = sys.argv[2]
PATH = {"policy": "/policy.json", "voice": "/voices/x.wav"}[VERB]
OLD, NEW = {"policy": (table(60).encode(), table(70).encode()), "voice": (sound(1), sound(2))}[
    VERB
]


async def receive(memory):
    """One life, in which the order comes; ends with the power or with a restart."""
    told = []

    def tell(*values):
        # What is told goes to the flash, too.
        if memory.flash.left:
            told.append(values)

    voice = Voice(Speaker, "/voices")
    ignored = lambda *values: None  # noqa: E731
    parts = (
        voice,
        None,
        None,
        Clock(),
        Runner,
        None,
        Clock(),
        tell,
        ignored,
        None,
        None,
        ignored,
        memory,
    )
    gate = Orders(KEY, UNIT, memory, Clock(), tell, ignored, Obey(Box(*parts)), {})
    digest = hexlify(hashlib.sha256(NEW).digest()).decode()
    order = '{"n":7,"until":%d,"verb":"%s","size":%d,"sha256":"%s"%s}'
    more = ',"message":"x"' if VERB == "voice" else ""
    order %= NOW + 60, VERB, len(NEW), digest, more
    gate.order(orders.signed(KEY, UNIT, order))
    for index in range(orders.parts_of(len(NEW))):
        gate.part(orders.part(7, index, NEW))
    for _ in range(5):
        await asyncio.sleep(0)
    return [values[2] for values in told]


def start(memory, told):
    """The next life: which one it has, "old" or "new"."""
    found = pending = None
    _, n, verb = saved_orders.load(memory)
    if n:
        found, pending = pending_order.resume(n, verb, 1, "/policy.json")
    if found is None and VERB == "policy":
        found, _ = settings.load_policy("/policy.json", memory)
    if pending:

        def tell(*values):
            if memory.flash.left:
                told.append(values[2])

        asyncio.run(pending_order.settle(pending, "/policy.json", memory, tell))
    if VERB == "policy":
        return {60: "old", 70: "new"}[found.limit.day // 10]
    with open(PATH, "rb") as file:
        return {OLD: "old", NEW: "new"}[file.read()]


vfs.umount("/")
flash = TornFlash(24)
vfs.VfsLfs2.mkfs(flash)
vfs.mount(vfs.VfsLfs2(flash), "/")
os.mkdir("/voices")
with open(PATH, "wb") as file:
    file.write(OLD)
vfs.umount("/")
memory = Memory(flash)
assert life(flash, start, memory, []) == "old"
began, kept = bytes(flash.data), dict(memory.kept)

cuts = 0
ended = []
while True:
    flash.data[:] = began
    memory.kept = dict(kept)
    flash.left = cuts
    told = life(flash, asyncio.run, receive(memory)) or []
    life(flash, start, memory, told)
    through = flash.left > 0
    flash.left = 1 << 30
    has = life(flash, start, memory, told)
    assert has, cuts
    # What it has told, is so. A message that is in its place is only not known to be when the
    # power goes before that is told.
    assert has == "new" or "done" not in told, (cuts, told)
    assert has == "old" or VERB == "voice" or "refused" not in told, (cuts, told)
    assert life(flash, start, memory, told) == has, cuts
    vfs.mount(vfs.VfsLfs2(flash), "/")
    there = sorted(os.listdir("/") + os.listdir("/voices"))
    assert there == sorted(["voices", PATH.split("/")[-1]]), (cuts, there)
    vfs.umount("/")
    ended.append(has)
    cuts += 1
    if through:
        break
assert ended[0] == "old" and ended[-1] == "new"
print(cuts)
