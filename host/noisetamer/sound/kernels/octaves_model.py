"""The integer octave bank's arithmetic in plain Python: its machine codes give the same bits.

For tests, a sample at a time. The words' names and meaning are those of
tamer.hear.bands.octaves_fixed_context.
"""

from array import array
from collections.abc import Sequence

from tamer.hear.bands.octave_bands import LEVELS
from tamer.hear.bands.octaves_fixed_context import BAND, HEAD, LEVEL, SHELF
from tamer.hear.kernel.profile import MOST_SHELVES

_MASK = 0xFFFFFFFF


def block(words: Sequence[int], context: "array[int]") -> None:
    """Take in I2S words, 24 bits left-aligned in 32; the context becomes that after them.

    The bits do not depend on how the words are cut into blocks, but for a sample no longer held.

    Raises OverflowError where a value does not fit its word, which no sound can cause.
    """
    scale = context[HEAD.index("scale")]
    sound = [mulh(scale, word) for word in words]
    for i in range(MOST_SHELVES):
        _shelve(sound, context, HEAD.index("shelf_1_k") + len(SHELF) * i)
    at = len(HEAD)
    for _ in range(LEVELS):
        level = at
        at += len(LEVEL)
        for _ in range(context[level]):
            _filter(sound, context, at)
            at += len(BAND)
        if context[level + LEVEL.index("halves")]:
            sound = _halve(sound, context, level)


def mulh(x: int, y: int) -> int:
    """The upper word of the product of two signed words."""
    return _fits(x) * _fits(y) >> 32


def _fits(value: int) -> int:
    if not -(1 << 31) <= value < 1 << 31:
        raise OverflowError(f"{value} does not fit a signed word")
    return value


def _shelve(sound: list[int], context: "array[int]", at: int) -> None:
    k, g, g_shift, s = context[at : at + len(SHELF)]
    if not g:
        return
    for i, x in enumerate(sound):
        sound[i] = _fits(x + (mulh(g, s) << g_shift))
        s += mulh(k, x - s) << 1
    context[at + SHELF.index("s")] = s


def _filter(sound: list[int], context: "array[int]", at: int) -> None:
    b, a1, a2, d, c1, c2, f, e1, e2, *states, low, high, top = context[at : at + len(BAND)]
    x1, y1, y2, v1, v2, w1, w2 = states
    squares = (top & _MASK) << 64 | (high & _MASK) << 32 | low & _MASK
    for x in sound:
        y = _section(mulh(b, x - x1), mulh(a1, y1), mulh(a2, y2)) << 1
        v = _section(mulh(d, y - y1), mulh(c1, v1), mulh(c2, v2)) << 1
        s = _section(mulh(f, v - v2), mulh(e1, w1), mulh(e2, w2))
        x1, y1, y2, v1, v2, w1, w2 = x, y, y1, v, v1, s << 1, w1
        squares += (s >> 2) ** 2
    context[at + BAND.index("x1") : at + BAND.index("low")] = array(
        "i", (x1, y1, y2, v1, v2, w1, w2)
    )
    for i in range(3):
        word = squares >> 32 * i & _MASK
        context[at + BAND.index("low") + i] = word - (word >> 31 << 32)


def _section(from_input: int, from_last: int, from_older: int) -> int:
    return from_input + (from_last << 1) - from_older


def _halve(sound: list[int], context: "array[int]", level: int) -> list[int]:
    new_c, old_c, newer_c = context[HEAD.index("new_c") : len(HEAD)]
    _, _, holds, held, new, new_1, new_2, old, old_1 = context[level : level + len(LEVEL)]
    waiting = [held, *sound] if holds else sound
    halved = []
    for older, newer in zip(waiting[::2], waiting[1::2], strict=False):
        old_1 = old + mulh(old_c, older - old_1)
        y = new + mulh(new_c, newer - new_1)
        difference = y - new_2
        new_2 = new_1 + difference + mulh(newer_c, difference)
        old, new, new_1 = older, newer, y
        halved.append(_fits(new_2 + old_1) >> 1)
    holds = len(waiting) & 1
    if holds:
        held = waiting[-1]
    context[level + LEVEL.index("holds") : level + len(LEVEL)] = array(
        "i", (holds, held, new, new_1, new_2, old, old_1)
    )
    return halved
