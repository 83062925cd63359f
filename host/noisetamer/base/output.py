"""Writing output files: turns OSError into UserError."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from noisetamer.base.errors import UserError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raises UserError, naming `path`, in place of an OSError in the body."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"{path}: cannot be written: {reason}; free some space or choose another place"
        ) from None
