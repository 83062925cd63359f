"""When a page that nothing new is for is told that the hub is there."""

import time
from collections.abc import Collection

from noisetamer.hub.live import HEARTBEAT_SECONDS

RECONNECT_MS = 1000
"""After which who listens comes back; our pages do so by themselves (`static/stream.js`)."""


class SignsOfLife:
    """Of a listener whose news are told to pages that see some of them only: in a town somebody
    always has news, so that no empty list comes, and a page that is told nothing takes the hub for
    lost."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def due(self, news: Collection[tuple[str, str]]) -> bool:
        """Whether who is told nothing of these news is to be told that the hub is there."""
        now = time.monotonic()
        if news and now < self._last + HEARTBEAT_SECONDS:
            return False
        self._last = now
        return True
