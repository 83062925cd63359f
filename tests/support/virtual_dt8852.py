"""A CEM DT-8852 at the far end of a pty, as dt8852 documents its protocol. POSIX only."""

import os
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager

from noisetamer.workshop.calibrate.side_by_side.series import Readings

_TOKEN = b"\xa5"
_SLOW, _FAST = b"\x03", b"\x02"
_DB_A, _DB_C = b"\x1b", b"\x1c"
_LIVE, _HOLD_MAX = b"\x0e", b"\x04"
_IN_RANGE, _OVER = b"\x11", b"\x07"
_AUTO_RANGE, _BATTERY_OK, _BATTERY_LOW = b"\x40", b"\x1f", b"\x0f"
_DISPLAY, _BAR_GRAPH = b"\x0b", b"\x0c"


class VirtualDt8852:
    """Tells readings one after the other; the next when its clock has been looked at.

    So a run of ten minutes takes as long as its bytes, and each reading has its own time.
    """

    def __init__(self, readings: Readings, mode: bytes):
        self._readings = readings
        self._mode = mode
        self._ours, theirs = os.openpty()
        tty.setraw(theirs)
        self.port = os.ttyname(theirs)
        self._theirs = theirs
        self._looked_at = threading.Semaphore(0)
        self._now = 0.0
        self._ended = False
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def clock(self) -> float:
        """The time of the reading that was told last."""
        now = self._now
        self._looked_at.release()
        return now

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        # A thread that lived on would write into whatever has its descriptor's number next.
        self._ended = True
        self._looked_at.release()
        if self._thread.is_alive():
            self._thread.join()
        for descriptor in (self._ours, self._theirs):
            os.close(descriptor)

    def _tell(self) -> None:
        # Its blocks: state, then a level for the bar graph or for the display.
        state = self._mode
        for at, level in zip(self._readings.times, self._readings.dB, strict=True):
            self._now = float(at)
            for block in (
                state + _level(level - 0.4) + _TOKEN + _BAR_GRAPH,
                state + _level(level) + _TOKEN + _DISPLAY,
            ):
                if self._ended:
                    return
                os.write(self._ours, block)
                self._looked_at.acquire()


def mode(slow: bool = True, dB_C: bool = False, hold: bool = False, low: bool = False) -> bytes:
    """What it tells of its settings, again and again."""
    tokens = (
        _AUTO_RANGE,
        _HOLD_MAX if hold else _LIVE,
        _IN_RANGE,
        _SLOW if slow else _FAST,
        _BATTERY_LOW if low else _BATTERY_OK,
        _DB_C if dB_C else _DB_A,
        b"\x06\x27\x30\x00",  # 7:30:00 PM
    )
    return b"".join(_TOKEN + token for token in tokens)


@contextmanager
def plugged_in(readings: Readings, settings: bytes) -> Iterator[VirtualDt8852]:
    """A meter that begins to tell when `start` is called."""
    meter = VirtualDt8852(readings, settings)
    try:
        yield meter
    finally:
        meter.close()


def _level(level: float) -> bytes:
    """Token 0x0d: four digits of 0.1 dB in BCD."""
    digits = f"{round(10 * level):04d}"
    return _TOKEN + b"\x0d" + bytes((int(digits[:2], 16), int(digits[2:], 16)))
