"""One thing that is wrong with the hub, or will be."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Trouble:
    """key: in the words, `trouble_KEY`; values: of its placeholders; ill: already."""

    key: str
    values: dict[str, str]
    ill: bool = True


Watcher = Callable[[], Iterable[Trouble]]
"""Looks at one thing that can go wrong, for `Health.watch`. Returns at once, does not raise."""
