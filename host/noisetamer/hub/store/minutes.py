"""Minutes: 60 seconds as arrays, as blobs, and how two reports of one second meet. Pure."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from noisetamer.hub.wire import Seconds, reason_of
from noisetamer.hub.wire_checks import LEVELS
from tamer.record.reading import MISSING

# flags of a second nobody reported; no unit can send it (reason 15 does not exist)
NOT_RECEIVED = 0xFFFF

ROWS = (*LEVELS, "flags")
_FLAGS = len(LEVELS)

SPOILT = " OR ".join(f"length({name})<>120" for name in ROWS)
"""SQL: whether a row of the table `minute` has not 60 seconds."""

PUT = (
    f"INSERT INTO minute(unit, minute, {', '.join(ROWS)}) VALUES(?,?,?,?,?,?,?)"
    " ON CONFLICT(unit, minute) DO UPDATE SET "
    + ", ".join(f"{row}=excluded.{row}" for row in ROWS)
)
"""SQL: a minute in the place of the one that is there, by unit, minute and `blobs`."""

Minute = npt.NDArray[np.int32]
"""Shape (5, 60): LAeq, LAFmax, LCeq, LCpeak in 0.1 dB, flags."""

Columns = npt.NDArray[np.int32]
"""Shape (5, n): the same rows of n consecutive seconds."""


def empty() -> Minute:
    """A minute of which nothing was received."""
    minute = np.full((len(ROWS), 60), MISSING, np.int32)
    minute[_FLAGS] = NOT_RECEIVED
    return minute


def blobs(minute: Minute) -> list[bytes]:
    """One blob a row: 60 little-endian int16 (flags: uint16)."""
    return [row.tobytes() for row in minute.astype("<i2")]


def from_blobs(stored: tuple[bytes, ...]) -> Minute:
    """The reverse of `blobs`. Raises ValueError when a blob has another length."""
    minute = np.frombuffer(b"".join(stored), "<i2").reshape(len(ROWS), -1).astype(np.int32)
    minute[_FLAGS] &= 0xFFFF
    return minute


def by_minute(seconds: Seconds) -> Iterator[tuple[int, int, Columns]]:
    """(minute number since 1970, first second in it, columns) for each minute touched."""
    columns = np.array([second[1:] for second in seconds.seconds], np.int32).T
    done = 0
    while done < columns.shape[1]:
        number, first = divmod(seconds.t + done, 60)
        part = columns[:, done : done + 60 - first]
        yield number, first, part
        done += part.shape[1]


def put(minute: Minute, first: int, columns: Columns) -> None:
    """Set consecutive seconds from second `first` on.

    Where two records claim the same one (a restart, a clock set back) the valid one stays, of two
    alike the louder, so what was heard before what was not: the result does not depend on the
    order.
    """
    there = minute[:, first : first + columns.shape[1]]
    if (there[_FLAGS] == NOT_RECEIVED).all():
        there[:] = columns
        return
    for second, claims in enumerate(zip(columns.T.tolist(), there.T.tolist(), strict=True)):
        there[:, second] = max(claims, key=_rank)


def reason(flags: int) -> str:
    """Why a stored second does not count; "" where it does."""
    if flags == NOT_RECEIVED:
        return "not received"
    return reason_of(flags) if flags & 0x0F else ""


def _rank(column: list[int]) -> tuple[int, ...]:
    flags = column[_FLAGS]
    return (flags != NOT_RECEIVED, flags & 0x0F == 0, *column[:_FLAGS], -flags)
