"""Readings of a meter, taken by a thread while the unit beside it is listened to."""

import threading
from collections.abc import Iterable, Iterator

import numpy as np

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.side_by_side.series import Readings
from noisetamer.workshop.calibrate.unit.instrument import HeardSecond

# s: a meter tells several levels in that time.
_LAST_WAIT = 2.0


class ReadingThread:
    """source: (time in s, dB(A)) for ever; it may raise UserError."""

    def __init__(self, source: Iterator[tuple[float, float]]):
        self._source = source
        self._taken: list[tuple[float, float]] = []
        self._wrong: UserError | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._take, daemon=True)

    def beside(self, seconds: Iterable[HeardSecond]) -> Iterator[HeardSecond]:
        """The seconds, as long as the meter gives readings. Raises UserError when it stops."""
        self._thread.start()
        try:
            for second in seconds:
                if self._wrong:
                    raise self._wrong
                yield second
        finally:
            # Its port must not be closed under it.
            self._over.set()
            self._thread.join(_LAST_WAIT)

    def readings(self) -> Readings:
        """What was read so far."""
        times, levels = np.array(self._taken).reshape(-1, 2).T
        return Readings(times, levels)

    def _take(self) -> None:
        try:
            for reading in self._source:
                self._taken.append(reading)
                if self._over.is_set():
                    return
        except UserError as wrong:
            self._wrong = wrong
        except OSError as error:
            self._wrong = UserError(f"the meter's port is gone ({error}); plug it in again")
