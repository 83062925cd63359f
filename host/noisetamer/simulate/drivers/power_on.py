"""Turn the power on: this process becomes the box.

Arguments: the folder of the chip (flash, nvs), the partition's size, seconds since 2000,
reset cause, the tier (audio or levels), the pace, and the numbers of two open files: requests
to the square, its answers.
"""

import sys

# asyncio's own arithmetic needs the real ticks: it comes before our `time`.
drivers = sys.path.pop(0)
import asyncio

asyncio.ThreadSafeFlag  # noqa: B018 (loads it)
sys.path.insert(0, drivers)

import builtins

import vfs

chip, size, seconds, cause, tier, pace, requests, answers = sys.argv[1:9]

import virtual_clock

virtual_clock.install()

import time

import esp32
import machine
import square
from flash import Flash, file_system

square.connect(open(int(requests), "wb"), open(int(answers), "rb"))
time.power_on = int(seconds)
machine.cause = int(cause)
esp32.partition = open(chip + "/nvs", "r+")
flash = Flash(open(chip + "/flash", "r+b"), int(size))

vfs.umount("/")
vfs.mount(file_system(flash), "/")
vfs.mount(vfs.VfsPosix(drivers), "/.drivers")
sys.path[:] = ["/.drivers", "", ".frozen", "/lib"]

if tier == "levels":
    import levels_hearing

    sys.modules["tamer.hear.hearing"] = levels_hearing


def say(*words):
    """print, onto the serial console."""
    text = " ".join(str(word) for word in words)
    square.tell(b"c", virtual_clock.now, text.encode())


builtins.print = say
virtual_clock.start(float(pace))
for name in ("boot.py", "main.py"):
    with open(name) as file:
        exec(compile(file.read(), name, "exec"), {"__name__": "__main__"})
