"""Shows what `show` in the settings lists: number, stage, heartbeat, dim, bar; the stage "digits"
for digits.

`size`: of another matrix than the board's. `supply`: mA for its LEDs. `more`: it may be asked for
digits and a bar.
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
more = asked.get("more", False)
panel = Panel(panel_matrix, power, digits=more, bar=more)
for number, stage, *how in asked["show"]:
    if stage == "digits":
        print(panel.show_digits(number.encode(), *how))
    else:
        panel.show(number.encode(), stage, *how)

# What was told to the square waits until the square is asked something.
machine.reset()
