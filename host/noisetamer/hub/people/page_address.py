"""Where the pages are: noted by a hub that runs, for links that the command line prints."""

from contextlib import suppress
from pathlib import Path

_FILE = "page-address"


def note(data: Path, address: str) -> None:
    """address: with scheme and port. Raises OSError."""
    (data / _FILE).write_text(address, encoding="utf-8")


def noted(data: Path) -> str:
    """As it was noted last; "" where no hub has run."""
    with suppress(OSError, ValueError):
        return (data / _FILE).read_text(encoding="utf-8").strip()
    return ""
