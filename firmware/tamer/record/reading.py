"""The Second: the one record that everything after the meter consumes.

Pure: runs on the box, in the hub and in the simulation.
"""

import struct
from collections import namedtuple

# t: Unix time at the second's start, s, or undated (`is_dated`). Levels (names of IEC 61672-1) in
# 0.1 dB re 20 uPa.
Second = namedtuple("Second", ("t", "LAeq", "LAFmax", "LCeq", "LCpeak", "flags"))

MISSING = -32768

# A box that does not know the time counts its own seconds since it started: any t below this is
# such a count, of a Second, a record or an event.
DATED_FROM = 1000000000

VALID = 0
POWER = 1
GAP = 2
MICROPHONE = 3
OVERLOAD = 4
UNDER_RANGE = 5
OWN_VOICE = 6
WIND = 7
CLOCK = 8
RAIN = 9

REASONS = (
    "valid",
    "power",
    "gap",
    "microphone",
    "overload",
    "under-range",
    "own voice",
    "wind",
    "clock",
    "rain",
)

# Of the levels and flags of one second, little-endian.
FORMAT = "<hhhhH"
PACKED = struct.calcsize(FORMAT)


def reason(second):
    """Why the second does not count: VALID or exactly one of the other reasons."""
    return second.flags & 0x0F


def is_valid(second):
    return second.flags & 0x0F == VALID


def is_judged(second):
    """Whether its levels count for a decision: valid, or only its time is unknown."""
    why = second.flags & 0x0F
    return why == VALID or (why == CLOCK and second.LAeq != MISSING)


def is_dated(t):
    """Whether t is Unix time; else it is seconds since the start of its boot."""
    return t >= DATED_FROM


def missing(t, why):
    """A second of which nothing was heard."""
    return Second(t, MISSING, MISSING, MISSING, MISSING, why)


def pack(seconds):
    """Bytes of consecutive seconds, without their times."""
    packed = bytearray(PACKED * len(seconds))
    for i, s in enumerate(seconds):
        struct.pack_into(FORMAT, packed, i * PACKED, *s[1:])
    return packed


def unpack(t, packed):
    """The seconds that `pack` made, the first of them at time t."""
    return [
        Second(t + i, *struct.unpack_from(FORMAT, packed, i * PACKED))
        for i in range(len(packed) // PACKED)
    ]
