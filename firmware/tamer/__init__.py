"""The box: hear, judge, act, record, tell."""

import sys

VERSION = "0.1.0"

# When it was made, Unix time: no right clock shows less.
BUILT = 1795392000  # 2026-11-23


def unload(package, *names):
    """Let modules of a package go, and their memory: whoever wants them loads them again."""
    for name in names:
        sys.modules.pop(package + "." + name, None)
        if hasattr(sys.modules[package], name):
            delattr(sys.modules[package], name)


def blob(memory, key, most):
    """What the chip's memory (esp32.NVS; None: there is none) has under a key; b"" where there
    is nothing, or more than `most` bytes.
    """
    if memory is None:
        return b""
    value = bytearray(most)
    try:
        return bytes(value[: memory.get_blob(key, value)])
    except OSError:
        return b""
