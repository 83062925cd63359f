"""Orders: what people have a box do, signed by the hub for this box alone. Pure.

Each ends in its MAC, as `seal` makes it with the box's own key: `command` of its secrets, as text.

What does not fit into an order follows in parts of PART bytes, the last one of what is left, for
which the box asks: the order has the size and the SHA-256 of the whole.
"""

import json
import struct

from tamer.record.seal import Seal

# Bytes of the longest order.
MOST_BYTES = 1500
# The last number there is, and how far ahead an order may hold, s: so long it could be repeated
# by somebody who kept it, to a box that has lost its memory.
MOST_NUMBER = 2**31 - 1
MOST_AHEAD = 3600

# What goes before the bytes of a part: the number of the order, and which part, from 0 on.
PART_HEAD = "<IH"
PART_HEAD_BYTES = struct.calcsize(PART_HEAD)
PART = 512
# So many parts may be on their way before the box asks for more.
WINDOW = 16

# Each verb with its fields.
VERBS = {
    "say": ("message",),
    "play": ("size", "sha256"),
    "spotlight": ("state", "for"),
    "mute": ("for", "reason"),
    "volume": ("offset", "for"),
    "policy": ("size", "sha256"),
    "voice": ("message", "size", "sha256"),
    "examine": (),
    "calibrate-check": (),
    "restart": (),
    # What is in it: tamer.record.release.
    "update": ("size", "sha256", "release", "manifest", "fresh", "stamp"),
}

STATES = ("on", "off", "auto")
MOST_SIZE = {"play": 131072, "policy": 4000, "voice": 262144, "update": 1048576}
LAST_TIME = 2**32 - 1  # Unix s
# Base64 of RSA-2048.
STAMP = 344
MOST_FOR = 86400  # s
LEAST_OFFSET = -40  # dB
LONGEST_NAME = 40
_OF_A_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
LONGEST_REASON = 200


def signed(key, unit, order, what="order"):
    """The bytes of an order, or of what else is signed (what: "ack"). key: the box's, text. order:
    JSON text of a table, without MAC.

    Write it with `ensure_ascii=False`: MicroPython reads no surrogate pairs.
    """
    body = order.encode()[:-1]
    return body + Seal(key).tail(what, unit, body)


def opened(key, unit, message):
    """The table of an order that is the hub's and this box's; None for any other.

    Raises ValueError for one that is signed and yet no table.
    """
    proved = Seal(key).proved("order", unit, bytes(message))
    if proved is None:
        return None
    order = json.loads(proved)
    if not isinstance(order, dict):
        raise ValueError("no table")  # noqa: TRY004
    return order


def is_number(n):
    """Whether an order can have this number."""
    return _is_whole(n, 1, MOST_NUMBER)


def wrong_field(order):
    """The name of the first field that is missing, out of range or unknown; None for a good order.

    The verb is known already.
    """
    verb = order["verb"]
    names = VERBS[verb]
    for name in names:
        if not _is_good(name, order.get(name), verb):
            return name
    for name in sorted(order):
        if name not in names and name not in ("n", "until", "verb"):
            return name
    return None


def is_message(name):
    """Whether a message can have this name: it becomes that of a file."""
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST_NAME:
        return False
    return all([c in _OF_A_NAME for c in name])


def parts_of(size):
    """How many parts so many bytes come in."""
    return (size + PART - 1) // PART


def part(n, index, whole):
    """The message of one part, from 0 on, of what belongs to order `n`."""
    return struct.pack(PART_HEAD, n, index) + whole[index * PART : (index + 1) * PART]


def of_part(message):
    """(n, index, bytes) of such a message. Raises ValueError."""
    if len(message) <= PART_HEAD_BYTES:
        raise ValueError("no part")
    n, index = struct.unpack_from(PART_HEAD, message)
    return n, index, memoryview(message)[PART_HEAD_BYTES:]


def _is_whole(value, least, most):
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_digest(value):
    if not isinstance(value, str) or len(value) != 64:
        return False
    return all([c in "0123456789abcdef" for c in value])


def _is_good(name, value, verb):
    if name == "message":
        return is_message(value)
    if name == "size":
        return _is_whole(value, 1, MOST_SIZE[verb])
    if name in ("sha256", "manifest"):
        return _is_digest(value)
    if name == "release":
        return is_number(value)
    if name == "fresh":
        return _is_whole(value, 0, LAST_TIME)
    if name == "stamp":
        return isinstance(value, str) and len(value) == STAMP
    if name == "state":
        return value in STATES
    if name == "for":
        return _is_whole(value, 0, MOST_FOR)
    if name == "offset":
        return _is_whole(value, LEAST_OFFSET, 0)
    return isinstance(value, str) and 1 <= len(value) <= LONGEST_REASON
