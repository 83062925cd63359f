"""How an RGB matrix is chained. Pure: board files and pictures of the panel use it."""

from array import array


def columns_there_and_back(width, height):
    """The common WS2812 matrix: down the first column, up the second.

    order[y * width + x] is the place of a pixel on the chain.
    """
    order = array("H", bytes(2 * width * height))
    for y in range(height):
        for x in range(width):
            order[y * width + x] = x * height + (y if x % 2 == 0 else height - 1 - y)
    return order
