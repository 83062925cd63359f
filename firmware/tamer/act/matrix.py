"""How an RGB matrix is chained. Pure: board files and pictures of the panel use it.

An order is an array("H"): order[y * width + x] is the place on the chain of the LED in column
x of row y, both from the upper left. `tamer.act.tiles` makes one panel of several matrices.
"""

from array import array


def columns_there_and_back(width, height):
    """The common WS2812 matrix: down the first column, up the second."""
    return _columns(width, height, True)


def columns(width, height):
    """Down every column."""
    return _columns(width, height, False)


def rows_there_and_back(width, height):
    """Along the first row, back along the second."""
    return _rows(width, height, True)


def rows(width, height):
    """Along every row."""
    return _rows(width, height, False)


def _columns(width, height, back):
    order = array("H", bytes(2 * width * height))
    for y in range(height):
        for x in range(width):
            order[y * width + x] = x * height + (height - 1 - y if back and x % 2 else y)
    return order


def _rows(width, height, back):
    order = array("H", range(width * height))
    if back:
        for y in range(1, height, 2):
            for x in range(width):
                order[y * width + x] = (y + 1) * width - 1 - x
    return order
