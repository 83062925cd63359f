"""Cuts the power at each write while a policy comes by an order, holds and proves itself, one
after the other; whatever is cut, the next start has the old policy or the new one, and nothing is
left lying about. Prints how many writes there were. Argument: the firmware's folder."""

import asyncio
import errno
import hashlib
import json
import os
import sys
from binascii import hexlify

import vfs

BLOCK = 4096
KEY, UNIT = "k" * 43, "SIM-0001"
NOW = 1795431600

# All that is imported later is in memory then: the files are under the knife.
sys.path.insert(0, sys.argv[1])

from tamer import pending_order, saved_orders, settings
from tamer.judge import area_limits, calendar, policy, readers, rules, schema  # noqa: F401
from tamer.obey import Box, Obey
from tamer.record import orders
from tamer.tell.orders import Orders

pending_order._PROVEN = 0
pending_order.unload = settings.unload = lambda *names: None


class machine:  # noqa: N801
    @staticmethod
    def reset():
        raise SystemExit


sys.modules["machine"] = machine
asyncio.sleep_ms = asyncio.sleep


class Flash:
    """A block device that takes `left` more writes, the last one torn, and then no more."""

    def __init__(self, blocks):
        self.data = bytearray(BLOCK * blocks)
        self.left = 1 << 30

    def readblocks(self, block, buffer, offset=0):
        at = BLOCK * block + offset
        buffer[:] = self.data[at : at + len(buffer)]

    def writeblocks(self, block, buffer, offset=0):
        if not self.left:
            return -errno.EIO
        self.left -= 1
        at = BLOCK * block + offset
        n = len(buffer) if self.left else len(buffer) // 2
        self.data[at : at + n] = buffer[:n]
        return 0

    def ioctl(self, operation, argument):
        return {4: len(self.data) // BLOCK, 5: BLOCK}.get(operation, 0)


class Memory:
    """The chip's own: a value is there whole or not at all."""

    def __init__(self, flash):
        self.flash = flash
        self.kept = {}
        self._new = {}

    def get_blob(self, key, buffer):
        if key not in self.kept or len(self.kept[key]) > len(buffer):
            raise OSError(-0x1102)
        buffer[: len(self.kept[key])] = self.kept[key]
        return len(self.kept[key])

    def set_blob(self, key, value):
        self._new[key] = bytes(value)

    def commit(self):
        new, self._new = self._new, {}
        if not self.flash.left:
            raise OSError(errno.EIO)
        self.flash.left -= 1
        if self.flash.left:
            self.kept.update(new)


class Clock:
    """And what it hears: since long ago."""

    def now(self):
        return NOW

    def unix(self, t):
        return 0


def table(limit):
    return json.dumps({"limit": {"day": limit}, "name": "x" * 60, "holidays": ["2026-10-01"] * 90})


OLD, NEW = table(60), table(70)


async def receive(memory):
    """One life, in which the order comes; ends with the power or with a restart."""
    gate = None

    def want(n, part):
        wanted.append(part)

    wanted, told = [], []
    box = Box(
        *[None] * 3,
        Clock(),
        None,
        None,
        Clock(),
        lambda *values: told.append(values),
        *[None] * 3,
        lambda: None,
    )
    gate = Orders(KEY, UNIT, memory, Clock(), lambda *v: told.append(v), want, Obey(box), {})
    whole = NEW.encode()
    digest = hexlify(hashlib.sha256(whole).digest()).decode()
    order = '{"n":7,"until":%d,"verb":"policy","size":%d,"sha256":"%s"}'
    gate.order(orders.signed(KEY, UNIT, order % (NOW + 60, len(whole), digest)))
    for index in range(orders.parts_of(len(whole))):
        gate.part(orders.part(7, index, whole))
    for _ in range(5):
        await asyncio.sleep(0)


def start(memory, told):
    """The next life: the policy it has."""
    found = pending = None
    _, n, verb = saved_orders.load(memory)
    if n:
        found, pending = pending_order.resume(n, verb, 1, "/policy.json")
    if found is None:
        found, _ = settings.load_policy("/policy.json", memory)
    if pending:

        def tell(*values):
            # What is told goes to the flash, too.
            if memory.flash.left:
                told.append(values)

        asyncio.run(pending_order.settle(pending, "/policy.json", memory, tell))
    return found.limit.day // 10


def life(flash, lives, *arguments):
    vfs.mount(vfs.VfsLfs2(flash), "/")
    os.chdir("/")
    try:
        return lives(*arguments)
    except (OSError, SystemExit):
        return None
    finally:
        vfs.umount("/")


vfs.umount("/")
flash = Flash(24)
vfs.VfsLfs2.mkfs(flash)
vfs.mount(vfs.VfsLfs2(flash), "/")
with open("/policy.json", "w") as file:
    file.write(OLD)
vfs.umount("/")
memory = Memory(flash)
assert life(flash, start, memory, []) == 60
began, kept = bytes(flash.data), dict(memory.kept)

cuts = 0
ended = []
while True:
    flash.data[:] = began
    memory.kept = dict(kept)
    flash.left = cuts
    said = []
    asyncio.new_event_loop()
    life(flash, asyncio.run, receive(memory))
    life(flash, start, memory, said)
    through = flash.left > 0
    flash.left = 1 << 30
    last = []
    has = life(flash, start, memory, last)
    assert has in (60, 70), cuts
    # What it has told, is so.
    results = [values[2] for values in said + last]
    assert has == 70 or "done" not in results, (cuts, results)
    assert has == 60 or "refused" not in results, (cuts, results)
    final = life(flash, start, memory, last)
    assert final == has, cuts
    vfs.mount(vfs.VfsLfs2(flash), "/")
    assert sorted(os.listdir("/")) == ["policy.json"], (cuts, os.listdir("/"))
    vfs.umount("/")
    ended.append(has)
    cuts += 1
    if through:
        break
assert ended[0] == 60 and ended[-1] == 70
print(cuts)
