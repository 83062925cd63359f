"""Secrets the hub makes for itself, each in a file that only its owner can read."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from noisetamer.base.errors import UserError


def kept(file: Path, make: Callable[[], bytes] = lambda: secrets.token_bytes(32)) -> bytes:
    """What the file holds; made on the first call, the same ever after.

    Raises UserError where the file cannot be used, or is empty.
    """
    try:
        if not file.exists():
            _write(file, make())
        content = file.read_bytes()
    except OSError as error:
        raise UserError(
            f"The key {file} cannot be used ({error.strerror or error}): mend its rights, or name "
            "another folder with --data."
        ) from None
    if not content:
        raise UserError(
            f"The key {file} is empty: bring it back from the backup, or delete it, and a new one "
            "is made (links that were sent no longer work then)."
        )
    return content


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all: a key cut short would be taken for one."""
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
