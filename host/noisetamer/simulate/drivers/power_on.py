"""Turn the power on: this process becomes the box.

Arguments: the folder of the chip (flash, nvs), the partition's size, seconds since 2000,
reset cause, the tier (audio or levels), the pace. Files 3 and 4 are the pipe to the square.
"""

import sys

# asyncio's own arithmetic needs the real ticks: it comes before our `time`.
drivers = sys.path.pop(0)
import asyncio

asyncio.ThreadSafeFlag  # noqa: B018 (loads it)
sys.path.insert(0, drivers)

import vfs

chip, size, seconds, cause, tier, pace = sys.argv[1:7]

import virtual_clock

virtual_clock.install()

import time

import esp32
import machine
import square
from flash import Flash

square.connect(open(4, "wb"), open(3, "rb"))
time.power_on = int(seconds)
machine.cause = int(cause)
esp32.partition = open(chip + "/nvs", "r+")
flash = Flash(open(chip + "/flash", "r+b"), int(size))

vfs.umount("/")
vfs.mount(vfs.VfsLfs2(flash), "/")
vfs.mount(vfs.VfsPosix(drivers), "/.drivers")
sys.path[:] = ["/.drivers", "", ".frozen", "/lib"]

if tier == "levels":
    import levels_hearing

    sys.modules["tamer.hear.hearing"] = levels_hearing

virtual_clock.start(float(pace))
for name in ("boot.py", "main.py"):
    with open(name) as file:
        exec(compile(file.read(), name, "exec"), {"__name__": "__main__"})
