"""Measures, and lets texts pass over a panel meanwhile.

Settings: `numbers` (number, stage), one a second, the last one for ever; `texts` (at which
second, text); `busy`, ms a block of sound takes; `size` of the matrix, `supply` in mA. If
wanted: `replaced`, a file of glyphs, by `glyphs` in hexadecimal; `without`, a missing file.
"""

import asyncio
import binascii
import json
import os

import board

from tamer import hardware

# As in main.py: the largest buffers first.
made = hardware.make(board.BOARD)

import machine
import neopixel
import virtual_clock

from tamer.act import font, layout, matrix
from tamer.act.panel import Panel
from tamer.act.power import Power
from tamer.clock import ChipClock, Clock
from tamer.hear.hearing import Hearing, ear_of
from tamer.hear.kernel.kernel_int import Kernel

with open("/settings.json") as file:
    # A font is longer than settings may be.
    plan = json.load(file)
if "glyphs" in plan:
    with open(plan["replaced"], "wb") as file:
        file.write(binascii.unhexlify(plan["glyphs"]))
if "without" in plan:
    os.remove(plan["without"])


def has_glyphs(text):
    """Whether the panel's font has each character, so that none is shown as a box."""
    try:
        glyphs = font.Font("/fonts/%s.glyphs" % layout.of(*plan["size"]).text)
    except OSError:
        return False
    return all([glyphs.has(ord(character)) for character in text])


class BusyKernel:
    """The integer kernel in the time it takes on a chip without an FPU."""

    def __init__(self):
        self._kernel = Kernel(8)
        self.take = self._kernel.take

    def run(self, samples, n):
        virtual_clock.spend(1000 * plan["busy"])
        self._kernel.run(samples, n)


async def measure():
    width, height = plan["size"]
    pixels = neopixel.NeoPixel(machine.Pin(18, machine.Pin.OUT), width * height)
    order = matrix.columns_there_and_back(width, height)
    panel = Panel(
        hardware.Matrix(pixels, width, height, order), Power(plan["supply"], (12, 12, 12), 1)
    )
    ear = ear_of(made.microphone, BusyKernel(), None, 120.0)
    clock = Clock(ChipClock(made.rtc), made.memory)
    hearing = Hearing(ear, made.microphone.profile, lambda since: False, clock)
    hearing.start()
    second = 0
    while True:
        await hearing.second()
        made.watchdog.feed()
        number, stage = plan["numbers"][min(second, len(plan["numbers"]) - 1)]
        panel.show(number.encode(), stage, second % 2 == 0)
        for at, words in plan["texts"]:
            if at == second:
                print("whole" if has_glyphs(words) else "with boxes")
                panel.scroll(words)
        second += 1


asyncio.run(measure())
