"""A file that only its owner may read: a key, a password."""

from pathlib import Path

from noisetamer.base.whole_file import write_whole


def write_private(file: Path, content: bytes) -> None:
    """Replace `file` whole, readable by its owner only from the first byte on. Raises OSError."""
    write_whole(file, content, 0o600)
