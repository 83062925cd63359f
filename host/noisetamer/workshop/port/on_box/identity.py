"""Runs on the box: its name and secrets, in the chip's own memory, not in files."""

import binascii
import hashlib

import esp32
import machine

_MEMORY = esp32.NVS("tamer")
_LONGEST = 64
_LONGEST_COPY = 4000


def _stored(key, longest=_LONGEST):
    value = bytearray(longest)
    try:
        return bytes(value[: _MEMORY.get_blob(key, value)])
    except OSError:
        return b""


def mac():
    """As hex digits."""
    return binascii.hexlify(machine.unique_id()).decode()


def serial():
    return _stored("serial").decode()


def proof(keys):
    """One hash over the stored values: proves that they are the right ones and tells none."""
    digest = hashlib.sha256()
    for key in keys:
        digest.update(_stored(key) + b"\n")
    return binascii.hexlify(digest.digest()).decode()


def boot():
    """The number of its last boot; None where it never counted one."""
    try:
        return _MEMORY.get_i32("boot") & 0xFFFFFFFF
    except OSError:
        return None


def count_from(boot):
    """Make this the number of its next boot, 1 to 2**32 - 1."""
    last = boot - 1
    _MEMORY.set_i32("boot", last - (last >> 31 << 32))
    _MEMORY.commit()


def copy(key):
    """In base64, the copy of a file that the firmware keeps there; "" where it has none."""
    return binascii.b2a_base64(_stored(key, _LONGEST_COPY)).decode()


def forgive():
    """The reset to come is somebody's wish: the firmware is not to take it for a crash."""
    try:
        if not _MEMORY.get_i32("failed"):
            return
    except OSError:
        return
    _MEMORY.set_i32("failed", 0)
    _MEMORY.commit()


def keep(values):
    """Store text by name; on the flash when this returns."""
    for key, value in values.items():
        _MEMORY.set_blob(key, value.encode())
    _MEMORY.commit()
