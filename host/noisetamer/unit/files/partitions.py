"""How a unit's flash is parted behind MicroPython itself: for files, and for its records.

A file system erases a block for nearly each record; into a partition of their own records are
programmed without an erase (firmware/tamer/tell/ring.py).
"""

from dataclasses import dataclass

# Where the official images' app ends; bootloader, partition table and NVS are before it.
AFTER_APP = 2 << 20

SECTOR = 4096
"""What flash erases at once."""

# The firmware, settings and, where there is a speaker, voices; the firmware once more in a file.
_FILES_AT_LEAST = 1 << 20
_VOICES = 256 << 10
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


def partitions(flash_bytes: int, speaks: bool, after_app: int = AFTER_APP) -> Partitions:
    """The two of a flash of that size: half of what is left for each, files 2 MB at most.

    speaks: the board has a speaker. Where there is little, files come first.
    """
    rest = flash_bytes - after_app
    least = _FILES_AT_LEAST + (_VOICES if speaks else 0)
    files = min(max(rest // 2 // SECTOR * SECTOR, least), _FILES_AT_MOST)
    return Partitions(Region(after_app, files), Region(after_app + files, rest - files))
