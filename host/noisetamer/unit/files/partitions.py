"""How a unit's flash is parted behind MicroPython itself: for files, and for its records.

A file system erases a block for nearly each record; into a partition of their own records are
programmed without an erase (firmware/tamer/tell/ring.py).
"""

from dataclasses import dataclass

# The official images have bootloader, partition table, NVS and app before it.
AFTER_APP = 2 << 20

# The firmware, voices and settings; twice the firmware, for the copy that stands in.
_FILES_AT_MOST = 2 << 20


@dataclass(frozen=True)
class Region:
    """A partition, in bytes of flash."""

    at: int
    size: int


@dataclass(frozen=True)
class Partitions:
    """files: the file system; journal: the records."""

    files: Region
    journal: Region


def partitions(flash_bytes: int) -> Partitions:
    """The two of a flash of that size: half of it for each, files 2 MB at most."""
    rest = flash_bytes - AFTER_APP
    files = min(rest // 2, _FILES_AT_MOST)
    return Partitions(
        Region(AFTER_APP, files),
        Region(AFTER_APP + files, rest - files),
    )
