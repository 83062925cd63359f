"""Lets a text pass while nothing can be allocated; prints how many frames were sent meanwhile.

Argument: the firmware's folder.
"""

import asyncio
import sys
from collections import namedtuple

import micropython

sys.path.insert(0, sys.argv[1])

from tamer.act import matrix
from tamer.act.panel import Panel
from tamer.act.power import Power

WIDTH, HEIGHT, FRAMES = 64, 16, 10

Matrix = namedtuple("Matrix", ("pixels", "width", "height", "order"))


class Pixels:
    """The LEDs of a board; sending to them allocates nothing there either."""

    def __init__(self):
        self.buf = bytearray(3 * WIDTH * HEIGHT)
        self.written = 0

    def write(self):
        self.written += 1


async def let_pass():
    pixels = Pixels()
    order = matrix.columns_there_and_back(WIDTH, HEIGHT)
    power = Power(3000, (12, 12, 12), 1)
    panel = Panel(Matrix(pixels, WIDTH, HEIGHT, order), power, sys.argv[1] + "/fonts")
    panel.show(b"68.7", "red", True)
    panel.scroll("Please turn it down. 请降低音量")
    await asyncio.sleep_ms(1)
    before = pixels.written
    micropython.heap_lock()
    try:
        while pixels.written < before + FRAMES:
            await asyncio.sleep_ms(1)
    finally:
        micropython.heap_unlock()
    return pixels.written - before


print(asyncio.run(let_pass()))
