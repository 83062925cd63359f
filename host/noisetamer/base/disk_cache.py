"""What takes long to make and always comes out the same, kept on disk.

A folder in the environment of this Python, for as many processes at once as there are. Where
nothing can be read or written, all goes on without: it is made each time.
"""

import os
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

FOLDER = Path(sys.prefix)


def read(file: Path) -> bytes | None:
    """What was kept there; None: nothing."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    used(file)
    return content


def used(file: Path) -> None:
    """Those used last stay."""
    with suppress(OSError):
        os.utime(file)


def keep(file: Path, parts: Iterable[bytes | memoryview], most_bytes: int | None = None) -> None:
    """Whole or not at all. `most_bytes`: of all in its folder; what was used longest ago goes."""
    with suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".part", dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as new:
                new.writelines(parts)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        if most_bytes is not None:
            _make_room(file, most_bytes)


def _make_room(newest: Path, most_bytes: int) -> None:
    files = []
    for file in newest.parent.iterdir():
        # Another process may be at the same.
        with suppress(FileNotFoundError):
            files.append((file.stat().st_mtime_ns, file.stat().st_size, file))
    total = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if total <= most_bytes:
            return
        if file != newest:
            file.unlink(missing_ok=True)
            total -= size
