"""Local times as Unix time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

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
    quarters = np.floor(local / _QUARTER_S).astype(np.int64)
    begins = np.flatnonzero(np.diff(quarters, prepend=quarters[:1] - 1))
    distinct, of_run = np.unique(quarters[begins], return_inverse=True)
    which = np.repeat(of_run, np.diff(begins, append=len(quarters)))
    first, second = (
        np.array([_offset(int(one) * _QUARTER_S, zone, fold) for one in distinct])
        for fold in (0, 1)
    )
    offset = first[which]
    twice = second != first
    if np.any(twice):
        in_it = twice[which]
        back = np.diff(local, prepend=local[:1]) < -_QUARTER_S
        offset = np.where(in_it & (np.cumsum(back & in_it) % 2 == 1), second[which], offset)
    return local - offset


def _offset(local: int, zone: tzinfo | None, fold: int) -> float:
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
