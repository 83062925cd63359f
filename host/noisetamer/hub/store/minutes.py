"""Minutes and hours: 60 seconds as arrays, how two reports of one second meet, the roll-up."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from noisetamer.hub.wire import LEVELS, Seconds
from tamer.record.reading import MISSING

# flags of a second nobody reported; no unit can send it (reason 15 does not exist)
NOT_RECEIVED = 0xFFFF

ROWS = (*LEVELS, "flags")
_FLAGS = len(LEVELS)
_STORED = ("<i2",) * len(LEVELS) + ("<u2",)

Minute = npt.NDArray[np.int32]  # shape (5, 60): LAeq, LAFmax, LCeq, LCpeak in 0.1 dB, flags


def empty() -> Minute:
    minute = np.full((len(ROWS), 60), MISSING, np.int32)
    minute[_FLAGS] = NOT_RECEIVED
    return minute


def blobs(minute: Minute) -> list[bytes]:
    """One blob a row: 60 little-endian int16 (flags: uint16)."""
    return [row.astype(kind).tobytes() for row, kind in zip(minute, _STORED, strict=True)]


def from_blobs(stored: tuple[bytes, ...]) -> Minute:
    return np.stack(
        [
            np.frombuffer(blob, kind).astype(np.int32)
            for blob, kind in zip(stored, _STORED, strict=True)
        ]
    )


def by_minute(seconds: Seconds) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """(minute number since 1970, second in it, the second's column) for each second."""
    columns = zip(*(seconds.levels[metric] for metric in LEVELS), seconds.flags, strict=True)
    for t, column in enumerate(columns, seconds.t):
        yield t // 60, t % 60, column


def put(minute: Minute, second: int, column: tuple[int, ...]) -> None:
    """Set one second. Where two records claim the same one (a restart, a clock set back) the
    valid one stays, of two valid ones the louder: the result does not depend on the order.
    """
    if _rank(column) > _rank(tuple(int(value) for value in minute[:, second])):
        minute[:, second] = column


def _rank(column: tuple[int, ...]) -> tuple[int, ...]:
    flags = column[_FLAGS]
    return (flags != NOT_RECEIVED, flags & 0x0F == 0, *column[:_FLAGS], -flags)


@dataclass(frozen=True)
class Hour:
    """LAeq, LAFmax, L10, L50, L90 over the valid seconds, dB (None without any); counts in s.

    LN is the level exceeded in N % of the valid seconds' LAeq,1s.
    """

    LAeq: float | None
    LAFmax: float | None
    L10: float | None
    L50: float | None
    L90: float | None
    valid: int
    received: int


def roll_up(minutes: list[Minute]) -> Hour:
    """Of the minutes of one hour, those that exist."""
    everything = np.concatenate(minutes, axis=1) if minutes else np.empty((len(ROWS), 0), np.int32)
    received = int(np.count_nonzero(everything[_FLAGS] != NOT_RECEIVED))
    valid = everything[:, (everything[_FLAGS] & 0x0F) == 0]
    if valid.shape[1] == 0:
        return Hour(None, None, None, None, None, 0, received)
    LAeq = valid[0] / 10.0
    LAFmax = valid[1][valid[1] != MISSING]
    L10, L50, L90 = (float(level) for level in np.percentile(LAeq, (90, 50, 10)))
    return Hour(
        LAeq=float(10.0 * np.log10(np.mean(10.0 ** (LAeq / 10.0)))),
        LAFmax=float(LAFmax.max()) / 10.0 if LAFmax.size else None,
        L10=L10,
        L50=L50,
        L90=L90,
        valid=valid.shape[1],
        received=received,
    )
