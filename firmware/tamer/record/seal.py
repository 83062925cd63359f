"""HMAC-SHA256 (RFC 2104), and the chain that it makes of a unit's records. Pure.

The link of a record is made of the link before it and of the record's bytes, with a key that only
the unit, its hub and its workshop have: whoever changes, drops, repeats or exchanges records
without the key breaks the chain from there on. It goes on over restarts; the first link of all is
made of the unit's name.
"""

import hashlib

# Bytes of a link: half of the hash, as RFC 2104, 5, has it at least.
LINK = 16

_BLOCK = 64
# What RFC 2104 calls ipad and opad.
_INNER = int.from_bytes(b"\x36" * _BLOCK, "big")
_OUTER = int.from_bytes(b"\x5c" * _BLOCK, "big")


class Seal:
    """Of one key: what of it does not change from message to message is made once."""

    def __init__(self, key):
        """`key`: text, as the workshop makes it."""
        key = key.encode()
        if len(key) > _BLOCK:
            key = hashlib.sha256(key).digest()
        key = int.from_bytes(key + bytes(_BLOCK - len(key)), "big")
        self._inner = (key ^ _INNER).to_bytes(_BLOCK, "big")
        self._outer = (key ^ _OUTER).to_bytes(_BLOCK, "big")

    def mac(self, first, second):
        """The 32 bytes of HMAC-SHA256 over two pieces of a message, one after the other."""
        inner = hashlib.sha256(self._inner)
        inner.update(first)
        inner.update(second)
        outer = hashlib.sha256(self._outer)
        outer.update(inner.digest())
        return outer.digest()

    def first_link(self, unit):
        """Before the first record that a unit ever makes with this key."""
        return self.mac(b"chain of ", unit.encode())[:LINK]

    def next_link(self, link, record):
        """Of a record, its bytes as `encoding` made them, that follows the one with this link."""
        return self.mac(link, record)[:LINK]


def same(told, right):
    """Whether bytes are the same, in a time that does not depend on where they differ."""
    different = len(told) ^ len(right)
    for one, other in zip(told, right):
        different |= one ^ other
    return different == 0
