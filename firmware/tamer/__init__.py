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
