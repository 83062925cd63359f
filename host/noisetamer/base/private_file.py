"""A file that only its owner may read: a key, a password."""

import os
from pathlib import Path


def write_private(file: Path, content: bytes) -> None:
    """Replace `file` whole, readable by its owner only from the first byte on; on the disk before
    it has its name: a key that was cut short would be taken for one. Raises OSError."""
    draft = file.with_name(file.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
