"""The factory tree: a unit's firmware once more, in one file, for the box to mend itself from.

In one file it takes a third of what the same files would: a file takes whole blocks of flash.
"""

import hashlib
from collections.abc import Mapping

NAME = "factory.tree"

# As firmware/factory.py has them; a box that reads it otherwise says so at every start.
_MAGIC, _DIGITS = "tree1", 16

# They are most of the bytes; a box that lacks one takes another.
_WITHOUT = ("/voices/",)

# What a box unpacks it with.
UNPACKER = "/factory.py"


def packed(files: Mapping[str, bytes]) -> bytes:
    """The file of a firmware's content by path, as firmware/factory.py reads it."""
    kept = {path: content for path, content in sorted(files.items()) if _is_in(path)}
    lines = [f"{_hash(content)} {len(content)} {path}\n" for path, content in kept.items()]
    text = "".join(lines).encode()
    head = f"{_MAGIC} {_hash(text)} {len(text)}\n".encode()
    return head + text + b"".join(kept.values())


def holds(files: Mapping[str, bytes]) -> set[str]:
    """The paths that a box can take out of the factory tree among `files`, if there is one.

    What that needs itself is not among them.
    """
    if f"/{NAME}" not in files:
        return set()
    return {path for path in files if _is_in(path) and path != UNPACKER}


def _is_in(path: str) -> bool:
    return not path.startswith(_WITHOUT) and path != f"/{NAME}"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]
