"""One thing that is wrong with the hub, or will be."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

OF_NO_PLACE = frozenset(
    ("store", "store_silent", "broker", "certificate", "calls_late", "room", "clock")
)
"""Keys of those that name no unit and no square: of others a district hears nothing."""


@dataclass(frozen=True)
class Trouble:
    """key: in the words, `trouble_KEY`; values: of its placeholders; ill: already."""

    key: str
    values: dict[str, str]
    ill: bool = True


Watcher = Callable[[], Iterable[Trouble]]
"""Looks at one thing that can go wrong, for `Health.watch`. Returns at once, does not raise."""
