"""How bright LEDs may be, so that together they never draw more than the supply allows."""

from collections import namedtuple

# leds_mA: what the supply has for the LEDs. pixel_mA: of a red, a green, a blue LED fully on.
# idle_mA: of one dark pixel, whose chip draws too. Means over the LEDs' own pulses.
Power = namedtuple("Power", ("leds_mA", "pixel_mA", "idle_mA"))

_FULL = 255


class Budget:
    """Brightness of one hue, in steps: a hue (2, 1, 0) at step 3 is driven with (6, 3, 0)."""

    def __init__(self, power, pixels, hue):
        """ValueError where not even all `pixels` at the lowest step fit."""
        self._room_uA = int(1000 * (power.leds_mA - power.idle_mA * pixels))
        step_mA = sum([part * mA for part, mA in zip(hue, power.pixel_mA)]) / _FULL
        # Rounded up: never more than the supply has.
        self._step_uA = int(1000 * step_mA) + 1
        self._brightest = _FULL // max(hue)
        if self.steps(pixels) < 1:
            raise ValueError(
                "power: %d LEDs need %d mA at their dimmest, the board has %d mA for them"
                % (
                    pixels,
                    power.idle_mA * pixels + pixels * self._step_uA // 1000 + 1,
                    power.leds_mA,
                )
            )

    def steps(self, lit):
        """The brightest step that `lit` pixels of this hue may have."""
        return min(self._brightest, self._room_uA // (self._step_uA * max(lit, 1)))
