"""An hour of a unit in a few numbers: its statistics, whatever longer periods need of it, and its
minutes. By the box's own arithmetic (tamer.record.statistics). Pure.

So a day, a month or all Monday evenings are sums of hours, to the last 0.1 dB what they would be
if every second of them were looked at again.
"""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from noisetamer.hub.store.hours import LEVELS, Hour
from noisetamer.hub.store.minutes import NOT_RECEIVED, Columns
from noisetamer.hub.store.periods import as_period
from tamer.record.reading import MISSING, OWN_VOICE
from tamer.record.statistics import _LOWEST as LOWEST
from tamer.record.statistics import Energy, Period

HOUR = 3600
MINUTES = 60

# valid, overload, under range, energies A and C, LAFmax, LAmin, LCpeak, lowest and highest bin
_HEAD = struct.Struct("<IBBddiiiHH")

MINUTE = np.dtype([("LAeq", "<i2"), ("LAFmax", "<i2"), ("valid", "u1"), ("own_voice", "u1")])
"""Of a minute: levels over its valid seconds, 0.1 dB, MISSING without one; how many seconds are
valid; in how many the box itself is heard.
"""

Minutes = npt.NDArray[np.void]
"""Shape (n,), of MINUTE."""


@dataclass(frozen=True)
class HourSum:
    """One hour from Unix time t on. received: seconds there are of it, valid or not; period: its
    Period as bytes; minutes: shape (60,), of MINUTE.
    """

    t: int
    received: int
    hour: Hour
    period: bytes
    minutes: Minutes


def summed(t: int, columns: Columns) -> HourSum | None:
    """The hour from t on; None when nothing of it was received.

    columns: shape (5, 3600), as stored.
    """
    period = as_period(t, columns)
    if period is None:
        return None
    found = period.statistics()
    hour = Hour(t, *(getattr(found, name) for name in LEVELS), valid=found.valid)
    received = int(np.count_nonzero(columns[-1] != NOT_RECEIVED))
    return HourSum(t, received, hour, packed(period), _minutes(columns))


def _minutes(columns: Columns) -> Minutes:
    found = np.zeros(MINUTES, MINUTE)
    reasons = columns[-1].reshape(MINUTES, 60) & 0x0F
    valid = reasons == 0
    found["valid"] = valid.sum(axis=1)
    found["own_voice"] = (reasons == OWN_VOICE).sum(axis=1)
    found["LAFmax"] = np.where(valid, columns[1].reshape(MINUTES, 60), MISSING).max(axis=1)
    found["LAeq"] = MISSING
    levels = columns[0].reshape(MINUTES, 60)
    for minute in np.flatnonzero(found["valid"]).tolist():
        energy = Energy()
        those = levels[minute][valid[minute]].tolist()
        for level in those:
            energy.add(level)
        found["LAeq"][minute] = round(energy.level(len(those)))
    return found


def together(t: int, seconds: int, periods: Iterable[bytes]) -> Period:
    """One Period of many hours, in the order of their times. t: its start; seconds: how many it
    should have.
    """
    whole = Period(t, seconds)
    for each in periods:
        whole.add_hour(unpacked(each))
    return whole


def packed(period: Period) -> bytes:
    """Whatever a longer Period needs of an hour."""
    head = _HEAD.pack(
        period._valid,
        period._overload,
        period._under_range,
        period._A.total(),
        period._C.total(),
        period._LAFmax,
        period._LAmin,
        period._LCpeak,
        period._lowest,
        period._highest,
    )
    bins = period._bins[period._lowest : period._highest + 1]
    return zlib.compress(head + np.array(bins, "<u2").tobytes(), 1)


def unpacked(blob: bytes) -> Period:
    """The reverse, as far as `Period.add_hour` looks at it. Raises ValueError for a spoilt one."""
    try:
        plain = zlib.decompress(blob)
        valid, over, under, A, C, LAFmax, LAmin, LCpeak, lowest, highest = _HEAD.unpack_from(plain)
        bins = np.frombuffer(plain, "<u2", offset=_HEAD.size)
    except (zlib.error, struct.error) as error:
        raise ValueError(f"an hour's sum is spoilt: {error}") from None
    hour = _Unpacked()
    hour._valid = valid
    hour._overload, hour._under_range = bool(over), bool(under)
    hour._A._sums[0], hour._C._sums[0] = A, C
    hour._LAFmax, hour._LAmin, hour._LCpeak = LAFmax, LAmin, LCpeak
    hour._lowest, hour._highest = lowest, highest
    hour._bins = _Bins(lowest, bins.tolist())  # pyright: ignore[reportAttributeAccessIssue]
    return hour


def level(periods: Iterable[bytes]) -> tuple[int, int]:
    """(LAeq over all of these hours in 0.1 dB, MISSING without a valid second; valid seconds)."""
    energy, valid = Energy(), 0
    for each in periods:
        head = _HEAD.unpack_from(zlib.decompress(each))
        valid += head[0]
        energy._sums[0] += head[3]
    return round(energy.level(valid)) if valid else MISSING, valid


def above(period: bytes, threshold: int) -> int:
    """How many of an hour's valid seconds have an LAeq above a level, 0.1 dB. Levels beyond the
    histogram count in its last bins."""
    plain = zlib.decompress(period)
    lowest = _HEAD.unpack_from(plain)[8]
    bins = np.frombuffer(plain, "<u2", offset=_HEAD.size)
    return int(bins[max(0, threshold + 1 - LOWEST - lowest) :].sum(dtype=int))


class _Unpacked(Period):
    """Without the room for a histogram."""

    def __init__(self) -> None:
        self.t = 0
        self.seconds = HOUR
        self._last = 0
        self._A, self._C = Energy(), Energy()


class _Bins:
    """Those from `lowest` on."""

    def __init__(self, lowest: int, counts: list[int]) -> None:
        self._lowest = lowest
        self._counts = counts

    def __getitem__(self, i: int) -> int:
        return self._counts[i - self._lowest]
