"""Runs on the box: its firmware out of the factory tree, as it would mend itself at a start; and
folders of which the flash has two copies."""

import os
import sys

# LittleFS writes what happens in a folder one after the other into a block of 4096 bytes, and all
# anew into the folder's other block when that is full: after so many files with names of so many
# letters, that come (224 bytes each) and go (32).
_FULL = 16
_LETTERS = 200

_FOLDER = 0x4000


def unpack():
    """Write what differs; a line for each file, so that nobody takes the board for dead."""
    sys.modules.pop("factory", None)
    import factory

    # main.py, which starts the rest, comes last.
    for path in (factory.FACTORY, factory.START):
        factory.mend(lambda: print("."), path)


def settle(folder):
    """Let so much happen in a folder that both its blocks hold it.

    Until then the second was never written: one bad block, and the file system opens no more.
    """
    names = [entry[0] for entry in os.ilistdir(folder) if entry[1] != _FOLDER] or ["x"]
    # The names of a large folder are in several pairs of blocks.
    for i in range(max(_FULL, len(names) // 2)):
        path = "%s/%s" % (folder, names[2 * i % len(names)])
        path += "~" * (len(folder) + _LETTERS - len(path))
        open(path, "w").close()
        os.remove(path)
