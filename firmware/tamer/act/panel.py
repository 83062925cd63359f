"""The number on the RGB matrix, in the colour and the shape of the stage."""

import micropython

from tamer.act import glyphs
from tamer.judge import ladder

# Dim enough for the board's power budget with every pixel of a number lit.
_GREEN = (0, 40, 0)
_AMBER = (44, 22, 0)
_RED = (60, 0, 0)

_LOOKS = {
    ladder.GREEN: (_GREEN, glyphs.CIRCLE),
    ladder.AMBER: (_AMBER, glyphs.TRIANGLE),
    ladder.RED: (_RED, glyphs.SQUARE),
    ladder.VOICE: (_RED, glyphs.SPEAKER),
}

UNKNOWN = "--"


class Panel:
    """A matrix of made pixels."""

    def __init__(self, matrix):
        """`matrix`: the board's (pixels, width, height, order).

        order[y * width + x] is the pixel's place on the chain.
        """
        self._pixels = matrix.pixels
        self._width = matrix.width
        self._order = matrix.order
        self._top = (matrix.height - glyphs.HEIGHT) // 2
        self._heartbeat_at = matrix.height * matrix.width - 1
        self._frame = bytearray(matrix.width * matrix.height)
        self._shown = None

    def show(self, text, stage, beat):
        """Draw `text` and the stage's shape. `beat`: one pixel, so that a dead panel is seen."""
        wanted = (text, stage)
        if wanted != self._shown:
            self._shown = wanted
            self._draw(text, _LOOKS[stage][1])
        self._frame[self._heartbeat_at] = 1 if beat else 0
        red, green, blue = _LOOKS[stage][0]
        _light(self._frame, self._order, self._pixels.buf, green << 16 | red << 8 | blue)
        self._pixels.write()

    def _draw(self, text, shape):
        _clear(self._frame)
        x = 0
        for character in text:
            width, rows = glyphs.of(character)
            self._put(x, width, rows)
            x += width + 1
        self._put(self._width - 8, 7, shape)

    def _put(self, x, width, rows):
        _stamp(self._frame, self._top * self._width + x, self._width << 8 | width, rows)


@micropython.viper
def _clear(frame):
    lit = ptr8(frame)
    n = int(len(frame))
    i = 0
    while i < n:
        lit[i] = 0
        i += 1


@micropython.viper
def _stamp(frame, at: int, stride_and_width: int, rows):
    """Light the set bits of `rows`, its upper left corner at pixel `at`."""
    lit = ptr8(frame)
    row = ptr8(rows)
    stride = stride_and_width >> 8
    width = stride_and_width & 0xFF
    n = int(len(rows))
    y = 0
    while y < n:
        x = 0
        while x < width:
            lit[at + x] = (row[y] >> (width - 1 - x)) & 1
            x += 1
        at += stride
        y += 1


@micropython.viper
def _light(frame, order, chain, colour: int):
    """Copy the lit pixels of `frame` to their places on the chain, as green, red, blue."""
    lit = ptr8(frame)
    place = ptr16(order)
    out = ptr8(chain)
    n = int(len(frame))
    i = 0
    while i < n:
        at = int(place[i]) * 3
        shade = colour if lit[i] else 0
        out[at] = shade >> 16
        out[at + 1] = (shade >> 8) & 0xFF
        out[at + 2] = shade & 0xFF
        i += 1
