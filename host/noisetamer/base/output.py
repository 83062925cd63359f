"""Writing a run's files: a disk that does not take them is the user's to mend."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from noisetamer.base.errors import UserError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError while `path` is written into one sentence (UserError)."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"{path}: cannot be written: {reason}; free some space or choose another place"
        ) from None
