"""Runs on the box: one colour on all LEDs, and the spotlight."""

from __main__ import made
from tamer.act.power import Budget

# Of 255: well seen in a workshop, easy on the eyes, a third of what the supply has.
_BRIGHT = 24


def light(hue):
    """All LEDs in a hue such as (1, 0, 0), within the board's power; returns the step driven."""
    pixels = made.matrix.pixels
    n = made.matrix.width * made.matrix.height
    step = min(_BRIGHT, Budget(made.power, n, hue).steps(n)) if any(hue) else 0
    pixels.fill(tuple([part * step for part in hue]))
    pixels.write()
    return step


def shine(on):
    """The spotlight, on or off."""
    pin = made.spotlight
    if hasattr(pin, "duty_u16"):
        pin.duty_u16(65535 if on else 0)
    else:
        pin(1 if on else 0)
