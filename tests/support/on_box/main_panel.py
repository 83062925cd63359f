"""Shows what `show` in the settings lists: number, stage, heartbeat, dim.

`size`: of another matrix than the board's. `supply`: mA for its LEDs.
"""

import board
import machine
import neopixel

from tamer import hardware, settings
from tamer.act import matrix
from tamer.act.panel import Panel
from tamer.act.power import Power

made = hardware.make(board.BOARD)
asked, _ = settings.load()
panel_matrix = made.matrix
if "size" in asked:
    width, height = asked["size"]
    panel_matrix = hardware.Matrix(
        neopixel.NeoPixel(machine.Pin(18, machine.Pin.OUT), width * height),
        width,
        height,
        matrix.columns_there_and_back(width, height),
    )
power = made.power
if "supply" in asked:
    power = Power(asked["supply"], power.pixel_mA, power.idle_mA)
panel = Panel(panel_matrix, power)
for number, *how in asked["show"]:
    panel.show(number.encode(), *how)

# What was told to the square waits until the square is asked something.
machine.reset()
