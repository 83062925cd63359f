"""Turn the power on: this process becomes the box.

Arguments: the folder of the chip (flash, nvs, journal), the partition's size, seconds since 2000,
reset cause, the tier (audio or levels), the pace, the numbers of two open files: requests
to the square, its answers. In the folder, too: "story", what the scenario has in store for the
box, as JSON (its keys: firmware_process.py).
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

sys.path[0] = drivers + "/.."
import pipe

sys.path[0] = drivers
import virtual_clock

virtual_clock.install()

import json
import os
import random
import time

import esp32
import faults
import machine
import host_pipe
from flash import Flash, Nor, file_system

host_pipe.connect(open(int(requests), "wb"), open(int(answers), "rb"))
time.right = int(seconds)
with open(chip + "/story") as file:
    store = json.load(file)
faults.begin(store["faults"])
if store["knows_peers"]:
    virtual_clock.ask_about_peers(host_pipe.peers, lambda: faults.calm_until(*faults.OF_STREAMS))
random.seed(store["chance"])
for at, us in store["busy"]:
    virtual_clock.at(at, lambda us=us: virtual_clock.spend(us))
for at, us in store["hangs"]:
    # The watchdog's time passes meanwhile.
    virtual_clock.at(at, lambda us=us: virtual_clock.sleep(us))
machine.cause = int(cause)
if machine.cause == machine.PWRON_RESET:
    for name in ("/retained", "/clock"):
        open(chip + name, "wb").close()
machine.retained = open(chip + "/retained", "r+b")
clock = open(chip + "/clock", "r+b")
# By how many us it is wrong; it goes on through a reset.
wrong = int(clock.read() or 0)


def remember(error_us):
    """For the next reset."""
    clock.seek(0)
    clock.write(b"%24d" % error_us)


time.on_set = remember
if store["clock_set"]:
    virtual_clock.at(store["clock_set"], lambda: time.set_us(time.true_us()))
elif machine.cause == machine.PWRON_RESET and store["clock"] is not None:
    time.set_us(1000000 * store["clock"])
else:
    time.set_us(time.true_us() + wrong)
esp32.partition, esp32.beside = open(chip + "/nvs", "r+"), "/.chip/nvs"
flash = Flash(open(chip + "/flash", "r+b"), int(size))
# A board that was parted by somebody else has none.
if "journal" in os.listdir(chip):
    journal = Nor(open(chip + "/journal", "r+b"), os.stat(chip + "/journal")[6])
    esp32.Partition.journal = journal
if store["power_cut"] is not None:
    virtual_clock.at(store["power_cut"], machine.lose_power)
# The memory is the firmware's.
del store

vfs.umount("/")
vfs.mount(file_system(flash), "/")
vfs.mount(vfs.VfsPosix(drivers), "/.drivers")
vfs.mount(vfs.VfsPosix(chip), "/.chip")
sys.path[:] = ["/.drivers", "", ".frozen", "/lib"]


def levels_ear(*made):
    """The ear of the levels tier. It needs the firmware, of which nothing comes before main.py."""
    from levels_ear import Ear

    return Ear(*made)


if tier == "levels":
    machine.I2S.ear = staticmethod(levels_ear)
if faults.known("flash-full") or faults.known("bad-block"):
    import flash_faults

    flash_faults.begin(flash, esp32.Partition.journal)


to_file = print
begun = ""


def say(*words, sep=" ", end="\n", file=None):
    """print, onto the serial console, line by line."""
    global begun
    if file not in (None, sys.stdout):
        to_file(*words, sep=sep, end=end, file=file)
        return
    if len(words) == 1 and isinstance(words[0], str):
        # Joining would make a new string, and for that search all names the firmware knows.
        text = words[0]
    else:
        text = sep.join([str(word) for word in words])
    if begun or end != "\n":
        *lines, begun = (begun + text + end).split("\n")
        if not lines:
            return
        text = "\n".join(lines)
    host_pipe.send(pipe.CONSOLE, virtual_clock.now, text.encode())


def end_with(loop, context):
    """A task of the box in the background has failed: so has the box, for the same reason."""
    raise context["exception"]


builtins.print = say
asyncio.get_event_loop().set_exception_handler(end_with)
virtual_clock.start(float(pace))
with open("main.py") as file:
    exec(compile(file.read(), "main.py", "exec"), {"__name__": "__main__"})
