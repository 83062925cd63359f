"""A text that scrolls through the panel, column by column."""

from array import array

from tamer.act import font


class Scroller:
    """One text, once."""

    def __init__(self, glyphs, text, blank):
        """`glyphs`: an open Font, which `close` closes. `blank`: dark columns at the end."""
        self._font = glyphs
        self._codes = array("I", [ord(character) for character in text])
        self._next = 0
        # Dark columns first, away from what is already there.
        self._glyph = array("H", bytes(2 * font.WIDEST))
        self._width = font.WIDEST // 2
        self._at = 0
        self._blank = blank

    def column(self):
        """The next column, as picture.shift takes it; -1 after the last. Allocates nothing."""
        if self._at < self._width:
            column = self._glyph[self._at]
        elif self._at < self._width + self._font.gap:
            column = 0
        elif self._next < len(self._codes):
            self._width = self._font.read(self._codes[self._next], self._glyph)
            self._next += 1
            self._at = 0
            column = self._glyph[0]
        elif self._blank:
            self._blank -= 1
            return 0
        else:
            return -1
        self._at += 1
        return column

    def close(self):
        """Close the font."""
        self._font.close()
