"""Whether a program has tied what it started to its own end (base/child_processes.py)."""

import re
from contextlib import suppress
from pathlib import Path


def is_tied(process: int) -> bool:
    """Whether it holds a file whose end is told to another (FASYNC)."""
    told = []
    for file in Path(f"/proc/{process}/fdinfo").iterdir():
        with suppress(OSError):  # closed meanwhile
            told.append(file.read_text())
    return any(int(re.findall(r"flags:\s*(\d+)", one)[0], 8) & 0o20000 for one in told)
