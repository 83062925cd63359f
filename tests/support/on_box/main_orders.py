"""A box whose link is a list: what comes at which time, and the parts that are sent when wanted.

On the chip beside its flash, "orders.json": [[ms after the start, "order", "part" or "look", hex],
...], and for each number of an order what belongs to it, "parts.N". Of the setting `lost` parts in
a hundred are lost; with `slow` its flash takes the time of a real one. Prints each want; told to
look, what is free and which files there are.
"""

import asyncio
import binascii
import gc
import json
import os
import random
import struct
import sys

import flash
import vfs
import virtual_clock

# As in tamer.record.orders, which the box is to load by itself.
PART_HEAD, PART, WINDOW = "<IH", 512, 16

with open("/settings.json") as file:
    settings = json.load(file)
LOST = settings.get("lost", 0)

# What a flash chip may take, us: to erase a sector, to program a page (W25Q64JV: 45 ms, 0.7 ms
# typical; an ESP-IDF that stops the cache meanwhile stops the program).
_ERASE, _PROGRAM = 45000, 700


class SlowFlash:
    """Asked at each write of a page: the first into another block erased it."""

    block = None

    def keeps(self, block):
        virtual_clock.spend(_PROGRAM if block == self.block else _ERASE + _PROGRAM)
        self.block = block
        return True


if settings.get("slow"):
    vfs.umount("/")
    device = flash.Flash(open("/.chip/flash", "r+b"), os.stat("/.chip/flash")[6])
    device.keeps = SlowFlash().keeps
    vfs.mount(flash.file_system(device), "/")
    os.chdir("/")


def look():
    """What is free of its memory, and what is on its flash."""
    gc.collect()
    files = os.listdir("/") + os.listdir("/voices")
    print(json.dumps({"kind": "look", "t": 0, "free": gc.mem_free(), "files": files}))


class Link:
    """In place of tamer.tell.link's: a hub that knows no network."""

    def __init__(self, wlan, servers, settings, records, clock, boot, changed, ordered):
        self._ordered = ordered
        self._sent = {}
        self._sending = asyncio.Lock()
        self._asked = None
        self.is_reached = settings.get("reached", True)

    def wake(self):
        pass

    def watched(self):
        return False

    def want(self, n, part):
        print(json.dumps({"kind": "want", "t": 0, "n": n, "part": part}))
        self._task = asyncio.create_task(self._send_parts(n, part))

    async def _send_parts(self, n, part):
        await asyncio.sleep_ms(30)
        async with self._sending:
            await self._send_in_order(n, part)

    async def _send_in_order(self, n, part):
        again = self._asked == (n, part)
        self._asked = n, part
        first = part if again else max(part, self._sent.get(n, 0))
        self._sent[n] = part + WINDOW
        for index in range(first, part + WINDOW):
            with open("/.chip/parts.%d" % n, "rb") as file:
                file.seek(index * PART)
                data = file.read(PART)
            if data and random.randrange(100) >= LOST:
                self._ordered(True, struct.pack(PART_HEAD, n, index) + data)
            await asyncio.sleep_ms(8)

    async def run(self):
        if "orders.json" not in os.listdir("/.chip"):
            return
        with open("/.chip/orders.json") as file:
            plan = json.load(file)
        at = 0
        for ms, kind, told in plan:
            await asyncio.sleep_ms(ms - at)
            at = ms
            if kind == "look":
                look()
            else:
                self._ordered(kind == "part", binascii.unhexlify(told))


sys.modules["tamer.tell.link"] = type("link", (), {"Link": Link})

import firmware_main  # noqa: F401
