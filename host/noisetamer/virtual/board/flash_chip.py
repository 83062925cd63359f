"""A flash chip whose content is a file, so that it survives power cycles.

The file holds the complement: an erased chip, all ones, is a file of holes that takes no room.
"""

import os
from pathlib import Path

from noisetamer.unit.files.partitions import SECTOR
from noisetamer.virtual.board.faults import BoardFaults

_COMPLEMENT = bytes(255 - i for i in range(256))

# JEDEC: GigaDevice GD25Q, the size as a power of two in the third byte.
_MAKER = 0x40C8


class FlashChip:
    """NOR flash of a size in bytes. Addresses beyond it raise ValueError.

    The fault "bad-flash" is a byte that cannot be written any more and stays erased.
    """

    def __init__(self, path: Path, size: int, faults: BoardFaults | None = None):
        self.path = path
        self.size = size
        self._faults = faults or BoardFaults()
        self.jedec_id = _MAKER | (size.bit_length() - 1) << 16
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        if os.fstat(self._file).st_size != size:
            os.ftruncate(self._file, size)

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes from an address on; erased ones are 0xff."""
        self._check(address, size)
        return os.pread(self._file, size, address).translate(_COMPLEMENT)

    def write(self, address: int, data: bytes) -> None:
        """Into erased sectors; the loader erases before it writes."""
        self._check(address, len(data))
        at = self._faults.value("bad-flash", -1) - address
        if 0 <= at < len(data):
            data = data[:at] + b"\xff" + data[at + 1 :]
        os.pwrite(self._file, data.translate(_COMPLEMENT), address)

    def erase(self, address: int, size: int) -> None:
        """All sectors that these bytes touch."""
        first = address // SECTOR * SECTOR
        last = -(-(address + size) // SECTOR) * SECTOR
        self._check(first, last - first)
        if last == self.size:
            os.ftruncate(self._file, first)
            os.ftruncate(self._file, self.size)
        else:
            os.pwrite(self._file, bytes(last - first), first)

    def close(self) -> None:
        """Close the file, which stays."""
        os.close(self._file)

    def _check(self, address: int, size: int) -> None:
        if not 0 <= address <= address + size <= self.size:
            raise ValueError(f"{address:#x} + {size:#x} is beyond the flash")
