"""A picture in columns of 16 bits, lowest on top, driven onto LEDs. Allocates nothing."""

import micropython


@micropython.viper
def stamp(columns, at: int, glyph, down: int):
    """Put a glyph's columns at column `at`, its upper edge `down` rows from the top."""
    to = ptr16(columns)
    source = ptr16(glyph)
    n = int(len(glyph))
    i = 0
    while i < n:
        to[at + i] = source[i] << down
        i += 1


@micropython.viper
def clear(columns, n: int):
    """Darken the first n columns."""
    to = ptr16(columns)
    i = 0
    while i < n:
        to[i] = 0
        i += 1


@micropython.viper
def shift(columns, n: int, column: int):
    """Move the first n columns one to the left; `column` comes in."""
    to = ptr16(columns)
    i = 1
    while i < n:
        to[i - 1] = to[i]
        i += 1
    to[n - 1] = column


@micropython.viper
def lit(columns) -> int:
    """How many bits are set."""
    of = ptr16(columns)
    n = int(len(columns))
    count = 0
    i = 0
    while i < n:
        bits = of[i]
        while bits:
            count += 1
            bits &= bits - 1
        i += 1
    return count


@micropython.viper
def light(columns, on_chain, order, chain, colour: int, afresh: int):
    """Drive each LED: `colour` (green << 16 | red << 8 | blue) where its bit is set, else dark.

    `on_chain`: the columns that the chain shows already; equal ones are skipped unless `afresh`,
    and it is updated. `order[y * width + x]` is the LED's place on the chain. Of a
    higher panel the middle 16 rows; the others are left as they are.
    """
    of = ptr16(columns)
    shown = ptr16(on_chain)
    place = ptr16(order)
    out = ptr8(chain)
    width = int(len(columns))
    height = int(len(order)) // width
    rows = 16 if height > 16 else height
    above = (height - rows) // 2
    x = 0
    while x < width:
        bits = of[x]
        i = above * width + x
        y = 0 if afresh or bits != shown[x] else rows
        shown[x] = bits
        while y < rows:
            at = int(place[i]) * 3
            shade = colour if bits & 1 else 0
            out[at] = shade >> 16
            out[at + 1] = (shade >> 8) & 0xFF
            out[at + 2] = shade & 0xFF
            bits >>= 1
            i += width
            y += 1
        x += 1
