"""Several units burned in at once: one at a time makes a sound, one at a time is looked at.

Else one would hear the other's tone, and nobody would know whose lamps are red.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_FEED_EVERY_S = 2.0


class Turns:
    """Shared by the units of a run, each in a thread of its own."""

    def __init__(self, feed_every_s: float = _FEED_EVERY_S) -> None:
        self._every = feed_every_s
        self._locks: dict[str, threading.Lock] = {}
        self._making = threading.Lock()

    @contextmanager
    def turn(
        self, of: str, waits: Callable[[str], None], meanwhile: Callable[[], None]
    ) -> Iterator[None]:
        """Until it is this unit's turn, and until it is over.

        waits: hears what for, where it has to; meanwhile: called every few seconds until then, to
        keep the unit awake.
        """
        with self._making:
            lock = self._locks.setdefault(of, threading.Lock())
        if not lock.acquire(blocking=False):
            waits(f"waits for {of}")
            while not lock.acquire(timeout=self._every):
                meanwhile()
        try:
            yield
        finally:
            lock.release()
