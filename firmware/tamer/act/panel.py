"""The number on the RGB matrix, in the stage's colour beside its shape; now and then a text, or
the digits of a minute.
"""

import asyncio
from array import array
from collections import namedtuple

from tamer.act import font, layout, picture
from tamer.act.power import Budget
from tamer.act.scroller import Scroller

# The channels keep their ratio however dim it is: amber that lost its green would be red.
_GREEN = (0, 1, 0)
_AMBER = (2, 1, 0)
_RED = (1, 0, 0)
# No stage has it.
_WHITE = (1, 1, 1)

# Stage, hue, and the character that is its shape, for those who cannot tell the colours.
_STAGES = (
    ("green", _GREEN, "\ue000"),
    ("amber", _AMBER, "\ue001"),
    ("red", _RED, "\ue002"),
    ("polite", _RED, "\ue003"),
    ("firm", _RED, "\ue004"),
)

_Look = namedtuple("_Look", ("hue", "shape", "budget"))

UNKNOWN = b"--"
# Without a number, nothing is said to be well.
_EMPTY = "\ue005"

FULL = 256

# Instead of a stage: four digits that are no level, in two pairs.
_DIGITS = "digits"
_PAIRS_APART = 2

_NUMBERS = "0123456789-."
_BUSIEST = b"88.8"

# A text moves by a column in so many ms.
_COLUMN_MS = 40
# Sending an LED's colour blocks for 30 us; a text may take a third of the time at most.
_LED_US = 30
_LEAST_PAUSE = 3


class Panel:
    """A matrix of made pixels."""

    def __init__(self, matrix, power, fonts="/fonts", digits=False, bar=False):
        """`matrix`: the board's (pixels, width, height, order). `power`: tamer.act.power.Power.

        order[y * width + x] is the pixel's place on the chain. `fonts`: folder of the glyphs.
        `digits`, `bar`: whether such are to be shown.
        ValueError where the matrix is too small, or the power too little to light all of it.

        `fault`: why there are blocks in the stage's colour in place of number and shape, or None.
        """
        self._pixels = matrix.pixels
        self._order = matrix.order
        self._heartbeat_at = 3 * matrix.order[len(matrix.order) - 1]
        self._layout = layout.of(matrix.width, matrix.height)
        self._columns = array("H", bytes(2 * matrix.width))
        self._lowest = 1 << min(matrix.height, layout.ROWS) - 1
        self._on_chain = array("H", self._columns)
        self._text_font = "%s/%s.glyphs" % (fonts, self._layout.text)
        shapes = "".join([shape for _, _, shape in _STAGES])
        path = "%s/%s.glyphs" % (fonts, self._layout.number)
        wanted = _NUMBERS + shapes + _EMPTY
        self.fault = None
        try:
            self._glyphs = font.glyphs(path, wanted)
            self._must_fit()
        except (OSError, ValueError) as wrong:
            self.fault = str(wrong)
            self._glyphs = font.blocks(wanted)
        self._looks = {}
        # LEDs of the busiest picture; a lesser one is no brighter, so that nothing flickers.
        self._usual = 0
        for stage, hue, shape in _STAGES:
            budget = Budget(power, len(matrix.order), hue)
            self._looks[stage] = _Look(hue, self._glyphs[ord(shape)], budget)
            self._draw(_BUSIEST, self._looks[stage].shape)
            self._usual = max(self._usual, self._lit())

        if bar:
            self._usual += matrix.width
        if digits:
            self._make_room_for_digits(power)

        sending_us = _LED_US * len(matrix.order)
        self._columns_a_frame = -(-_LEAST_PAUSE * sending_us // (1000 * _COLUMN_MS))
        self._pause_ms = self._columns_a_frame * _COLUMN_MS - sending_us // 1000

        self._shown = None  # number, stage and dim that are on the LEDs
        self._wanted = (UNKNOWN, "green", FULL, 0)
        self._beat = False
        self._colour = 0
        self._scroller = None

    def show(self, number, stage, beat, dim=FULL, bar=0.0):
        """Show the number and the shape of the stage, both in its colour.

        `number`: its characters as ASCII bytes; a new str would be looked for among all names the
        firmware knows. `beat`: one LED, so that a dead panel is seen. `dim`: brightness in 1/256
        of the day's. `bar`: how far, of 1, a line in the lowest row goes; 0: there is none. While
        a text scrolls, the number waits; a new stage ends the text.
        """
        if stage != self._wanted[1]:
            # Its text may no longer be true.
            self._scroller = None
        most = len(self._columns) - 1  # the last column has the heartbeat
        lit = max(1, min(most, int(bar * (most + 1)))) if bar else 0
        self._wanted = (number, stage, dim, lit)
        self._beat = beat
        if self._scroller is None:
            self._show_number()

    def show_digits(self, digits, beat, dim=FULL):
        """Show the digits of a minute, b"42 17", in place of the number: white, without a shape.

        False where they cannot be, or a text goes first.
        """
        if self._scroller is not None or _DIGITS not in self._looks:
            return False
        self._wanted = (digits, _DIGITS, dim, 0)
        self._beat = beat
        self._show_number()
        return True

    def scroll(self, text):
        """Scroll a text over the number, once; returns at once.

        The shape stays, so that the stage can always be seen. A text that is still scrolling
        gives way. Without its font nothing scrolls.
        """
        try:
            scroller = Scroller(font.Font(self._text_font), text, self._layout.room)
        except (OSError, ValueError):
            return
        self._scroller = scroller
        self._shown = None
        asyncio.create_task(self._run_scroller(scroller))

    async def _run_scroller(self, scroller):
        try:
            while self._scroller is scroller and self._step(scroller):
                await asyncio.sleep_ms(self._pause_ms)
        finally:
            scroller.close()
            if self._scroller is scroller:
                self._scroller = None
                self._show_number()

    def _step(self, scroller):
        """Show the next columns of a text; False when there are none. Allocates nothing."""
        for _ in range(self._columns_a_frame):
            column = scroller.column()
            if column < 0:
                return False
            picture.shift(self._columns, self._layout.room, column << self._layout.text_down)
        self._light()
        self._send()
        return True

    def _show_number(self):
        if self._shown != self._wanted:
            self._shown = self._wanted
            number, stage, _, bar = self._wanted
            empty = number == UNKNOWN and stage == "green"
            shape = self._glyphs[ord(_EMPTY)] if empty else self._looks[stage].shape
            self._draw(number, shape)
            for x in range(bar):
                self._columns[x] |= self._lowest
            self._light()
        self._send()

    def _must_fit(self):
        """Any number and any shape, whichever glyphs they have."""
        glyphs, gap, shape_at = self._glyphs, self._layout.gap, self._layout.shape_at
        widest = max([len(glyphs[ord(digit)]) for digit in _NUMBERS])
        number = 3 * widest + len(glyphs[ord(".")]) + 3 * gap
        shapes = max([len(glyph) for code, glyph in glyphs.items() if code > 0x7F])
        if number > shape_at or shape_at + shapes > len(self._columns):
            raise ValueError("its glyphs are too wide")

    def _make_room_for_digits(self, power):
        """Where panel or supply have none, there are no digits."""
        glyphs, gap = self._glyphs, self._layout.gap
        widest = max([len(glyphs[ord(digit)]) for digit in _NUMBERS])
        if 4 * widest + 4 * gap + _PAIRS_APART >= len(self._columns):
            return
        try:
            budget = Budget(power, len(self._order), _WHITE)
        except ValueError:
            return
        glyphs[ord(" ")] = array("H", bytes(2 * _PAIRS_APART))
        self._looks[_DIGITS] = _Look(_WHITE, None, budget)

    def _draw(self, number, shape):
        _, down, gap, shape_at, *_ = self._layout
        if shape is None:
            shape_at = len(self._columns) - 1
        columns, glyphs = self._columns, self._glyphs
        picture.clear(columns, len(columns))
        width = -gap
        for code in number:
            width += len(glyphs[code]) + gap
        x = (shape_at - width) // 2
        if x < 0:
            raise ValueError("panel: no room for %s" % number)
        for code in number:
            glyph = glyphs[code]
            picture.stamp(columns, x, glyph, down)
            x += len(glyph) + gap
        if shape is not None:
            picture.stamp(columns, shape_at, shape, down)

    def _light(self):
        """Put the picture on the chain, as bright as the power allows."""
        _, stage, dim, _ = self._wanted
        look = self._looks[stage]
        step = max(1, look.budget.steps(max(self._usual, self._lit())) * dim >> 8)
        red, green, blue = look.hue
        colour = (green << 16 | red << 8 | blue) * step
        afresh = colour != self._colour
        self._colour = colour
        picture.light(self._columns, self._on_chain, self._order, self._pixels.buf, colour, afresh)

    def _lit(self):
        # One more for the heartbeat.
        return picture.lit(self._columns) + 1

    def _send(self):
        colour = self._colour if self._beat else 0
        chain, at = self._pixels.buf, self._heartbeat_at
        chain[at] = colour >> 16
        chain[at + 1] = (colour >> 8) & 0xFF
        chain[at + 2] = colour & 0xFF
        self._pixels.write()
