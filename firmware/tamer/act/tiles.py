"""One panel made of several RGB matrices. Pure: board files use it; orders as in `matrix`."""

from array import array


def turned(order):
    """The same matrix, hung upside down."""
    return array("H", reversed(order))


def mirrored(order, width):
    """The same matrix, chained from its right edge."""
    last = width - 1
    return array("H", [order[at - at % width + last - at % width] for at in range(len(order))])


def tiled(width, tile_width, tile_height, tiles):
    """The order of a panel `width` LEDs wide, of matrices of one size.

    `tiles`: (x, y, order) of each in the sequence of the chain; x and y of its upper left LED.
    ValueError unless they cover the panel, each LED once.
    """
    size = tile_width * tile_height
    whole = array("H", bytes(2 * size * len(tiles)))
    for number, (left, top, order) in enumerate(tiles):
        for y in range(tile_height):
            for x in range(tile_width):
                at = (top + y) * width + left + x
                if left + x >= width or at >= len(whole) or whole[at]:
                    raise ValueError("tile %d overlaps another or the edge" % (number + 1))
                # Counted from 1 until all are placed: 0 is an LED without a place.
                whole[at] = number * size + order[y * tile_width + x] + 1
    for at in range(len(whole)):
        whole[at] -= 1
    return whole
