"""What the chip does before it runs boot.py: drivers, clock, name, flash.

`time`, `machine`, `neopixel` ... are those of the simulated box; what a board on a cable has
besides them is added here. All are loaded and then taken off the path, as if they were in ROM.
"""

import asyncio
import gc
import json
import struct
import sys
from collections import namedtuple

import utime
import vfs

asyncio.ThreadSafeFlag  # noqa: B018 (loads it: asyncio's own arithmetic needs the real ticks)

# pipe.py is the host's too, and stands above the drivers.
sys.path.insert(1, sys.argv[1] + "/..")
import pipe

sys.path[1] = sys.argv[1]

import os
import time

import esp32
import host_pipe
import machine
import neopixel  # noqa: F401
import network  # noqa: F401
import ntptime  # noqa: F401
import virtual_clock
from console import stdout
from flash import Nor
from region import Region

_PAGE = 256  # what the flash chip programs at once


class _Sys:
    """sys, but of this chip."""

    def __init__(self, real, implementation):
        self._real = real
        self.implementation = implementation
        self.stdout = stdout
        self.platform = "esp32"

    def __getattr__(self, name):
        return getattr(self._real, name)


def power_up():
    """Bring the chip up as the host's first answer, a line of JSON, says.

    Returns whether main.py is to be run after boot.py.
    """
    requests, answers = open(int(sys.argv[2]), "wb"), open(int(sys.argv[3]), "rb")
    facts = json.loads(answers.readline())
    host_pipe.connect(requests, answers)
    host_pipe.send = _at_once(host_pipe.send)
    virtual_clock.install()
    virtual_clock.start(facts["speed"])
    _let_time_pass(facts["speed"])
    _take_identity(facts)
    _mount(facts)
    sys.path[:] = ["", ".frozen", "/lib"]
    sys.argv[:] = []
    gc.collect()
    host_pipe.send(pipe.CHIP_UP, virtual_clock.now, b"")
    return facts["main"]


def _at_once(send):
    """Without waiting for the next question: at a console the lamps are watched."""

    def sending(*what):
        send(*what)
        host_pipe.flush()

    return sending


def _let_time_pass(speed):
    """Outside the event loop time passes by itself, not only in sleep()."""
    start = utime.ticks_us()

    def present(read):
        def reading(*arguments):
            if speed and asyncio.core.cur_task is None:
                real = int(utime.ticks_diff(utime.ticks_us(), start) * speed)
                virtual_clock.sleep(max(0, real - virtual_clock.now))
            return read(*arguments)

        return reading

    for name in ("ticks_us", "ticks_ms", "ticks_cpu", "time", "time_ns"):
        setattr(time, name, present(getattr(time, name)))
    fields = present(time.gmtime)
    # The ESP32's have no field for summer time.
    time.gmtime = time.localtime = lambda seconds=None: fields(seconds)[:8]


def _take_identity(facts):
    """Be this chip, with this image."""
    real = sys.implementation
    names = ("name", "version", "_machine", "_mpy", "_build")
    implementation = namedtuple("implementation", names)(
        real.name, tuple(facts["version"]), facts["module"], real._mpy, facts["build"]
    )
    sys.modules["sys"] = _Sys(sys, implementation)
    os.firmware = facts["firmware"]
    os.date = facts["date"]
    os.machine = facts["module"]
    mac = bytes(facts["mac"])
    machine.unique_id = lambda: mac
    machine.cause = facts["cause"]
    machine.retained = open(facts["retained"], "r+b")
    machine.soft_reset = sys.exit
    time.power_on = facts["seconds"]
    time.on_set = _clock_set


def _clock_set(_error_us):
    """The host keeps it over a soft reset."""
    unix_time = struct.pack(pipe.UNIX_TIME, time.time() + pipe.EPOCH_2000)
    host_pipe.send(pipe.CLOCK_SET, virtual_clock.now, unix_time)


def _mount(facts):
    chip = open(facts["flash"], "r+b")
    esp32.psram_bytes = facts["psram"]
    esp32.partition = (chip,) + tuple(facts["nvs"])
    begin, size = facts["file_system"]
    device = Region(chip, begin, size, facts["room"])
    if facts["journal"]:
        begin, size = facts["journal"]
        esp32.Partition.journal = Nor(chip, size, begin)
    vfs.umount("/")
    try:
        vfs.mount(vfs.VfsLfs2(device, readsize=_PAGE, progsize=_PAGE), "/")
    except OSError:
        # As the stock image's first start.
        vfs.VfsLfs2.mkfs(device, readsize=_PAGE, progsize=_PAGE)
        vfs.mount(vfs.VfsLfs2(device, readsize=_PAGE, progsize=_PAGE), "/")
        with open("boot.py", "w") as file:
            file.write("# This file is executed on every boot (including wake-boot)\n")


def run(name, names):
    """Run a script if it is there; False if it ended in an exception, which is then printed."""
    try:
        with open(name) as file:
            program = file.read()
    except OSError:
        return True
    try:
        exec(compile(program, name, "exec"), names)
    except SystemExit:
        raise
    except BaseException as wrong:
        sys.print_exception(wrong)
        return False
    return True
