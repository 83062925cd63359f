"""The key of a unit's chain (tamer.record.seal), as workshop and hub name it to each other."""

import hashlib

from tamer.record.seal import Seal

_FINGERPRINT = 16


def fingerprint(key: str) -> str:
    """16 hex digits that tell one key from another and nothing of it. A box tells the same of a
    new one in its event `rekeyed`.
    """
    return hashlib.sha256(b"chain key " + key.encode()).hexdigest()[:_FINGERPRINT]


def first_link(key: str, serial: str) -> str:
    """Before the first record that this unit makes with this key, in hex."""
    return Seal(key).first_link(serial).hex()
