"""x of the last y: seconds as bits, the newest lowest. Pure.

The box's own voice neither shifts nor ages any of them.
"""

from collections import namedtuple

# A bit a valid second, of what it was: loud, near the limit, quiet (that one in an incident only).
# missed: a bit a heard second, set where it was not valid. listened: valid seconds of this
# incident since its last message. blind: seconds in a row nothing could be judged.
Windows = namedtuple("Windows", ("loud", "near", "quiet", "missed", "listened", "blind"))

# With one more bit 30 of them: still a small integer on the box, and as many as a policy may use.
_KEPT = 0x1FFFFFFF

# The last y valid seconds must lie within so many times y heard ones.
_SPREAD = 3

_MISSED_KEPT = (1 << 30 * _SPREAD - 1) - 1

# Set bits of each byte: bin() would make a string every second.
_ONES = bytes([bin(byte).count("1") for byte in range(256)])

NOTHING_HEARD = Windows(0, 0, 0, (1 << 30 * _SPREAD) - 1, 0, 0)
ALL_WELL = Windows(0, 0, 0, 0, 0, 0)


def pushed(window, bit):
    """The window after one more second."""
    return (window & _KEPT) << 1 | bit


def aged(missed, invalid):
    """`missed` after one more heard second; `invalid`: 0 or 1."""
    return (missed & _MISSED_KEPT) << 1 | invalid if missed or invalid else 0


def count(window, n):
    """How many of the last n."""
    window &= (1 << n) - 1
    found = 0
    while window:
        found += _ONES[window & 0xFF]
        window >>= 8
    return found


def all_of(window, n):
    """Whether all of the last n."""
    last = (1 << n) - 1
    return window & last == last


def none_of(window, n):
    """Whether none of the last n."""
    return not window & (1 << n) - 1


def covered(missed, n):
    """Whether the last n valid seconds lie close enough together to decide by."""
    return not missed or count(missed, _SPREAD * n) <= (_SPREAD - 1) * n
