"""A file that is replaced whole: whoever reads it finds the old one or the new one."""

import os
from pathlib import Path


def write_whole(file: Path, content: bytes, mode: int = 0o666) -> None:
    """On the disk before it has its name: a file that was cut short would be taken for one. mode:
    from the first byte on, less the umask. Raises OSError."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
