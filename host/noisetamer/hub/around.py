"""What stands around the squares of one hub: put together here, opened and closed together."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Around:
    """data: the hub's folder."""

    data: Path

    def close(self) -> None:
        """Let go of all files."""


def around_of(data: Path) -> Around:
    """Of the hub in `data`. Raises UserError for a file that cannot be used."""
    return Around(data)
