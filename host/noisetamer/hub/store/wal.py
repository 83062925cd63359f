"""Whether a store's write-ahead log is whole: SQLite itself silently stops at a spoilt frame.

Source: https://www.sqlite.org/fileformat2.html#walformat
"""

import struct
from pathlib import Path

_MAGIC = 0x377F0682
_HEADER, _FRAME = 32, 24


def spoilt_commits(wal: Path) -> int:
    """How many commits lie behind the first frame that does not match its checksum.

    0 for a log that is whole, that ends in the midst of one commit, as a power cut leaves it, or
    that is not there. Nobody may have the file open for writing.
    """
    try:
        raw = wal.read_bytes()
    except FileNotFoundError:
        return 0
    if len(raw) < _HEADER:
        return 0
    magic, _, size, _, *salts = struct.unpack_from(">IIIIII", raw)
    order = "<>"[magic & 1]
    sums = _sums(raw[:24], (0, 0), order)
    if magic & ~1 != _MAGIC or sums != struct.unpack_from(">II", raw, 24):
        return 0
    commits, whole = 0, True
    for at in range(_HEADER, len(raw) - _FRAME - size + 1, _FRAME + size):
        _, pages, salt1, salt2, *told = struct.unpack_from(">IIIIII", raw, at)
        if [salt1, salt2] != salts:
            break  # of an earlier use of the file
        if whole:
            sums = _sums(raw[at : at + 8], sums, order)
            sums = _sums(raw[at + _FRAME : at + _FRAME + size], sums, order)
            whole = sums == tuple(told)
        if not whole and pages:
            commits += 1
    return commits


def _sums(raw: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    a, b = sums
    words = struct.unpack(f"{order}{len(raw) // 4}I", raw)
    for one, two in zip(words[::2], words[1::2], strict=True):
        a = (a + one + b) & 0xFFFFFFFF
        b = (b + two + a) & 0xFFFFFFFF
    return a, b
