"""Where number, shape and text are on a panel of any size. Pure."""

from collections import namedtuple

# number: font of number and shape, number_down: its first row, gap: dark columns between two
# glyphs. shape_at: first column of the shape. room: columns left of it in which a text scrolls.
# text, text_down: likewise, of a text. Rows are counted in the middle 16 of a higher panel.
Layout = namedtuple(
    "Layout", ("number", "number_down", "gap", "shape_at", "room", "text", "text_down")
)

# rows, of the panel and of a glyph; widths of 88.8 and of a shape.
_Size = namedtuple("_Size", ("font", "least_rows", "rows", "gap", "number", "shape"))

_LARGE = _Size("large", 16, 14, 2, 38, 14)
_SMALL = _Size("small", 8, 8, 1, 19, 7)

# More rows than this stay dark above and below.
ROWS = 16


def of(width, height):
    """The Layout for a matrix of so many LEDs; ValueError if it is too small."""
    band = min(height, ROWS)
    for size in (_LARGE, _SMALL):
        # The last gap is the column of the heartbeat.
        if height >= size.least_rows and width >= _least_width(size):
            shape_at = width - size.gap - size.shape
            return Layout(
                size.font,
                (band - size.rows) // 2,
                size.gap,
                shape_at,
                shape_at - 2 * size.gap,
                "unifont" if height >= ROWS else "small",
                0 if height >= ROWS else (band - _SMALL.rows) // 2,
            )
    raise ValueError(
        "panel: %d x %d LEDs are too few for number and shape, %d x %d are needed"
        % (width, height, _least_width(_SMALL), _SMALL.least_rows)
    )


def _least_width(size):
    return size.number + 3 * size.gap + size.shape
