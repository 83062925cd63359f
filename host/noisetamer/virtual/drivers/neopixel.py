"""neopixel, as the ESP32 has it: 30 us on the wire for each pixel."""

import host_pipe
import pipe
import virtual_clock as clock


class NeoPixel:
    """A chain of n LEDs; `buf` holds green, red, blue of each."""

    def __init__(self, pin, n, bpp=3, timing=1):
        self.n = n
        self.bpp = bpp
        self.buf = bytearray(n * bpp)

    def __len__(self):
        return self.n

    def __setitem__(self, i, colour):
        red, green, blue = colour
        self.buf[3 * i : 3 * i + 3] = bytes((green, red, blue))

    def __getitem__(self, i):
        green, red, blue = self.buf[3 * i : 3 * i + 3]
        return red, green, blue

    def fill(self, colour):
        """All in one colour: red, green, blue."""
        for i in range(self.n):
            self[i] = colour

    def write(self):
        """Show `buf`."""
        host_pipe.send(pipe.PIXELS, clock.now, self.buf)
        clock.spend(30 * self.n)
