"""Runs on the box: its name and secrets, in the chip's own memory, not in files."""

import binascii
import hashlib

import esp32

_MEMORY = esp32.NVS("tamer")
_LONGEST = 64


def _stored(key):
    value = bytearray(_LONGEST)
    try:
        return bytes(value[: _MEMORY.get_blob(key, value)])
    except OSError:
        return b""


def serial():
    return _stored("serial").decode()


def proof(keys):
    """One hash over the stored values: proves that they are the right ones and tells none."""
    digest = hashlib.sha256()
    for key in keys:
        digest.update(_stored(key) + b"\n")
    return binascii.hexlify(digest.digest()).decode()


def keep(values):
    """Store text by name; on the flash when this returns."""
    for key, value in values.items():
        _MEMORY.set_blob(key, value.encode())
    _MEMORY.commit()
