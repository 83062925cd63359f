"""Local times as Unix time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from noisetamer.base import zones
from noisetamer.base.errors import UserError

_EPOCH = datetime(1970, 1, 1)
_QUARTER_S = 900

# 1970 to 2200, with a day to spare for any offset.
_FIRST, _LAST = 86_400.0, 7_258_118_400.0


def named(zone: str | None, option: str = "--zone") -> tuple[tzinfo | None, str]:
    """(a zone, its name); without a name this computer's, as None. Raises UserError."""
    if zone is None:
        return None, "this computer's zone"
    found = zones.zone(zone)
    if found is None:
        raise UserError(
            f"{option} {zone}: is no zone; write +08:00, UTC or a name such as Asia/Shanghai"
        )
    if isinstance(found, timezone):
        return found, "UTC" if found is UTC else zones.offset_text(_offset(0, found, 0))
    return found, zone.strip()


def to_unix(local: NDArray[np.float64], zone: tzinfo | None) -> NDArray[np.float64]:
    """Unix time of local times, s since 1970-01-01 00:00 there, in the order of the file.

    What lies before 1970 or after 2200 is NaN. The hour that a zone lives through twice is its
    first until the clock is seen to step back in it, its second from there on.
    """
    if not len(local):
        return local
    within = (local >= _FIRST) & (local <= _LAST)
    if not within.all():
        t = np.full(len(local), np.nan)
        t[within] = to_unix(local[within], zone)
        return t
    if isinstance(zone, timezone):
        return local - _offset(0, zone, 0)
    quarters = np.floor(local / _QUARTER_S) * _QUARTER_S
    begins, which = _distinct(quarters)
    offsets = cache(partial(_offsets, zone=zone))
    # Newfoundland's clocks changed at a minute past midnight.
    changes = np.array([offsets(t) != offsets(t + _QUARTER_S) for t in begins])
    begins, which = _distinct(np.where(changes[which], np.floor(local), quarters))
    first, second = np.array([offsets(t) for t in begins]).T
    offset = first[which]
    twice = second != first
    if np.any(twice):
        in_it = twice[which]
        back = np.diff(local, prepend=local[:1]) < -_QUARTER_S
        offset = np.where(in_it & (np.cumsum(back & in_it) % 2 == 1), second[which], offset)
    return local - offset


def _distinct(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """(each value once, which of them each is), of values that mostly equal those before them."""
    begins = np.flatnonzero(np.diff(values, prepend=values[:1] - 1))
    distinct, of_run = np.unique(values[begins], return_inverse=True)
    return distinct, np.repeat(of_run, np.diff(begins, append=len(values)))


def _offsets(local: float, zone: tzinfo | None) -> tuple[float, float]:
    """The first and the second time that a clock shows this."""
    return _offset(local, zone, 0), _offset(local, zone, 1)


def _offset(local: float, zone: tzinfo | None, fold: int) -> float:
    at = (_EPOCH + timedelta(seconds=local)).replace(fold=fold)
    there = at.astimezone() if zone is None else at.replace(tzinfo=zone)
    return (there.utcoffset() or timedelta()).total_seconds()


def stated(t: float, zone: tzinfo | None) -> str:
    """A Unix time as its zone shows it, 2026-11-23 19:00:01+08:00."""
    at: Callable[[], datetime] = lambda: datetime.fromtimestamp(t, zone)  # noqa: E731
    try:
        local = at() if zone else at().astimezone()
    except (ValueError, OverflowError, OSError):
        return f"{t:.0f} s"
    return local.isoformat(" ", "seconds")
