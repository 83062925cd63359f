"""Glyphs from a file that `noisetamer glyphs` packed: a column is 16 bits, lowest on top."""

import struct
from array import array

# Magic, rows of a glyph, dark columns after it, how many glyphs, length of the note, which
# follows it: where the glyphs come from and their licence.
HEAD = "<8sBBHH"
MAGIC = b"glyphs 1"
# After the note, one a glyph by rising code: code, its first column, its width.
ENTRY = "<IHH"

# No glyph is wider.
WIDEST = 16

_HEAD_BYTES = struct.calcsize(HEAD)
_ENTRY_BYTES = struct.calcsize(ENTRY)


# Nor higher.
_HIGHEST = 16


class Font:
    """An open file of glyphs; OSError if it is missing, ValueError if it is no such file."""

    def __init__(self, path):
        self._file = open(path, "rb")
        magic, self.rows, self.gap, self._count, note = struct.unpack(
            HEAD, self._file.read(_HEAD_BYTES)
        )
        if magic != MAGIC or not 0 < self.rows <= _HIGHEST or self.gap > WIDEST:
            raise ValueError("%s is no file of glyphs" % path)
        self._index = _HEAD_BYTES + note
        self._entry = bytearray(_ENTRY_BYTES)
        self._columns = self._index + _ENTRY_BYTES * self._count

    def read(self, code, columns):
        """Put the glyph of a character into `columns`, array("H") of WIDEST; returns its width.

        A character that is not in the file becomes a box. Allocates nothing.
        """
        if not self._find(code):
            return self._box(columns)
        entry = self._entry
        self._file.seek(self._columns + 2 * (entry[4] | entry[5] << 8))
        self._file.readinto(columns)
        return min(entry[6], WIDEST)

    def has(self, code):
        """Whether the file has a glyph for a character."""
        return self._find(code)

    def close(self):
        """Close the file."""
        self._file.close()

    def _find(self, code):
        """Whether the file has it; if so, its entry has been read."""
        entry = self._entry
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            self._file.seek(self._index + _ENTRY_BYTES * middle)
            self._file.readinto(entry)
            middle_code = entry[0] | entry[1] << 8 | entry[2] << 16
            if middle_code == code:
                return True
            if middle_code < code:
                low = middle + 1
            else:
                high = middle
        return False

    def _box(self, columns):
        width = self.rows // 2 + 1
        side = (1 << (self.rows - 1)) - 1
        for x in range(width):
            columns[x] = side if x in (0, width - 1) else 1 | 1 << (self.rows - 2)
        # Glyphs without a gap between them bring it along.
        columns[width] = 0
        return width + 1 - self.gap


def glyphs(path, characters):
    """{code: array("H") of its columns}. Raises ValueError where the file lacks one, OSError."""
    font = Font(path)
    columns = array("H", bytes(2 * WIDEST))
    columns_of = {}
    for character in characters:
        code = ord(character)
        if not font.has(code):
            raise ValueError("%s lacks U+%04X" % (path, code))
        width = font.read(code, columns)
        columns_of[code] = columns[:width]
    font.close()
    return columns_of


def blocks(characters):
    """Instead of the glyphs of a file that cannot be read: the same block for each character."""
    block = array("H", [0xFF] * 3)
    return {ord(character): block for character in characters}
