"""HMAC-SHA256 (RFC 2104): the chain of a unit's records, messages whose last member is a MAC, and
the digits of a minute. Pure.

The link of a record is made of the link before it and of the record's bytes, with a key that only
the unit, its hub and its workshop have: whoever changes, drops, repeats or exchanges records
without the key breaks the chain from there on. It goes on over restarts; the first link of all is
made of the unit's name.

A message of the hub's is JSON whose last member is its MAC, in hex:

    {"n":7,"until":1795431600,"verb":"say","message":"polite_zh","mac":"9f...c4"}

Authenticated is what stands before `,"mac":`, byte by byte as it was sent, with what it is and for
which unit before it: no other way to write the same JSON could matter, and nothing is parsed that
has not been proved.
"""

import hashlib
from binascii import hexlify

# Bytes of a link: half of the hash, as RFC 2104, 5, has it at least.
LINK = 16
MARK = 4

_MAC = b',"mac":"'
_END = b'"}'
_TAIL = len(_MAC) + 64 + len(_END)

_BLOCK = 64
# What RFC 2104 calls ipad and opad.
_INNER = int.from_bytes(b"\x36" * _BLOCK, "big")
_OUTER = int.from_bytes(b"\x5c" * _BLOCK, "big")


class Seal:
    """Of one key: what of it does not change from message to message is made once. `mark`: bytes
    by which a journal tells it from others.
    """

    def __init__(self, key):
        """`key`: text, as the workshop makes it."""
        key = key.encode()
        if len(key) > _BLOCK:
            key = hashlib.sha256(key).digest()
        key = int.from_bytes(key + bytes(_BLOCK - len(key)), "big")
        self._inner = (key ^ _INNER).to_bytes(_BLOCK, "big")
        self._outer = (key ^ _OUTER).to_bytes(_BLOCK, "big")
        self.mark = self.mac(b"mark", b"")[:MARK]

    def mac(self, first, second):
        """The 32 bytes of HMAC-SHA256 over two pieces of a message, one after the other."""
        inner = hashlib.sha256(self._inner + first)
        inner.update(second)
        return hashlib.sha256(self._outer + inner.digest()).digest()

    def first_link(self, unit):
        """Before the first record that a unit ever makes with this key."""
        return self.mac(b"chain of ", unit.encode())[:LINK]

    def next_link(self, link, record):
        """Of a record, its bytes as `encoding` made them, that follows the one with this link."""
        return self.mac(link, record)[:LINK]

    def proved(self, what, unit, message):
        """The JSON of a message that is the key's, without its MAC; None for any other.

        what: "order" or "ack".
        """
        body = message[:-_TAIL]
        right = self.tail(what, unit, body)
        # MACs of both are compared: where those differ tells nothing, and that is the fastest way.
        if self.mac(b"", message[-_TAIL:]) != self.mac(b"", right):
            return None
        return body + b"}"

    def tail(self, what, unit, body):
        """What ends a message: its MAC. body: JSON of a table, without its last character."""
        before = ("%s of %s\n" % (what, unit)).encode()
        return _MAC + hexlify(self.mac(before, body)) + _END


def fingerprint(key):
    """By which a chain key is told from others, without its being told: 16 hex digits."""
    return hexlify(hashlib.sha256(b"chain key " + key.encode()).digest()[:8]).decode()


def digits_of(key, minute):
    """The four digits that a panel shows in one minute (Unix s // 60), as text: whoever tells them
    was there. key: of the unit's orders; what is made of it so is short, and tells nothing of it.
    """
    made = Seal(key).mac(b"patrol in minute ", b"%d" % minute)
    return "%04d" % (int.from_bytes(made[:4], "big") % 10000)
