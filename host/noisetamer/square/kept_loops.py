"""Loops kept on disk: to make those of a story takes longer than to play it for minutes.

A file is named by all that its loop comes from, this project's own code included, and holds a
checksum: what is torn or spoilt is made again.
"""

import hashlib
import os
import platform
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import scipy
from numpy.typing import NDArray

from noisetamer.base import disk_cache
from noisetamer.square.levels import RATE
from noisetamer.square.loop import FAST_BINS, Loop
from noisetamer.square.rumble import EIGHTHS

FOLDER = disk_cache.FOLDER / "loops"
MOST_BYTES = 256 << 20  # those of a dozen stories

_MARK = b"loop"
_END = len(_MARK) + 4  # and a CRC-32 of all before
_CHUNK = 1 << 18


def kept(made_of: str, make: Callable[[], Loop], folder: Path | None = None) -> Loop:
    """The loop that `make` makes, which depends on `made_of` and on nothing else."""
    folder = folder or FOLDER
    words = f"{_made_by()}\0{made_of}".encode()
    file = folder / f"{hashlib.sha256(words).hexdigest()[:32]}.loop"
    with suppress(OSError, ValueError):
        return _read(file)
    loop = make()
    disk_cache.keep(file, _written(loop), MOST_BYTES)
    return loop


def _read(path: Path) -> Loop:
    """Raises ValueError for what is no whole file, OSError where there is none."""
    with path.open("rb") as file:
        seconds = _seconds(file)
        disk_cache.used(path)
        file.seek(0)
        shapes = ((), (), (FAST_BINS,), (), (EIGHTHS,))
        a, c, fast, peak, rumble = (
            np.fromfile(file, np.float64, seconds * int(np.prod(shape))).reshape(-1, *shape)
            for shape in shapes
        )
        # Mapped: units of a process tree share it, and levels alone never read it.
        samples = np.memmap(file, np.float32, "r", file.tell(), (seconds * RATE,))
        return Loop(np.asarray(samples), a, c, fast, peak, rumble)


def _seconds(file: BinaryIO) -> int:
    """How long the loop in a file is that is whole. Raises ValueError."""
    size = file.seek(0, os.SEEK_END) - _END
    seconds, rest = divmod(size, 8 * (3 + FAST_BINS + EIGHTHS) + 4 * RATE)
    if seconds < 1 or rest:
        raise ValueError("torn")
    file.seek(0)
    found, left = 0, size
    while left:
        chunk = file.read(min(_CHUNK, left))
        found = zlib.crc32(chunk, found)
        left -= len(chunk)
    if file.read() != _MARK + found.to_bytes(4, "little"):
        raise ValueError("spoilt")
    return seconds


def _written(loop: Loop) -> Iterator[bytes | memoryview]:
    measured = (loop.a, loop.c, loop.fast, loop.peak, loop.rumble)
    parts: list[NDArray] = [np.asarray(one, np.float64) for one in measured]
    parts.append(np.asarray(loop.samples, np.float32))
    found = 0
    for part in parts:
        content = np.ascontiguousarray(part).data.cast("B")
        found = zlib.crc32(content, found)
        yield content
    yield _MARK + found.to_bytes(4, "little")


@cache
def _made_by() -> str:
    """What else decides how a loop comes out: our code, that of libraries, the machine."""
    here = Path(__file__).parent
    sources = [*sorted((here / "sounds").glob("*.py"))]
    sources += [
        here / name for name in ("filters.py", "levels.py", "loop.py", "rumble.py", "seeds.py")
    ]
    code = hashlib.sha256(b"\0".join(file.read_bytes() for file in sources))
    machine = (platform.machine(), sys.byteorder, np.__version__, scipy.__version__)
    return " ".join((code.hexdigest(), *machine))
