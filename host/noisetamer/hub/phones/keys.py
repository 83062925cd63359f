"""Secrets the hub makes for itself, each in a file that only its owner can read."""

import secrets
from collections.abc import Callable
from pathlib import Path

from noisetamer.base.errors import UserError
from noisetamer.base.private_file import write_private


def kept(file: Path, make: Callable[[], bytes] = lambda: secrets.token_bytes(32)) -> bytes:
    """What the file holds; made on the first call, the same ever after.

    Raises UserError where the file cannot be used, or is empty.
    """
    try:
        if not file.exists():
            write_private(file, make())
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
