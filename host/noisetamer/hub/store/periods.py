"""Sums over minutes and hours, as the box made them or by the same arithmetic. Pure."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from noisetamer.hub.store.minutes import NOT_RECEIVED, Columns
from tamer.record.reading import Second
from tamer.record.statistics import Period, Statistics


def as_period(t: int, columns: Columns) -> Period | None:
    """The period of consecutive seconds from t on; None when nothing of it was received.

    columns: shape (5, n), as stored.
    """
    received = columns[-1] != NOT_RECEIVED
    if not received.any():
        return None
    found = Period(t, columns.shape[1])
    for second, column in zip(
        (t + np.flatnonzero(received)).tolist(), columns.T[received].tolist(), strict=True
    ):
        found.add(Second(second, *column))
    return found


def summed_up(t: int, columns: Columns) -> Statistics | None:
    """As `as_period`, in figures."""
    found = as_period(t, columns)
    return found and found.statistics()


def told_better(columns: Columns, told: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """Of the box's own events of a period the one to be taken; None where the hub's sum is.

    The box's is taken unless the hub has more valid seconds: what the box summed up before a
    restart is lost to it, and an hour that is not over it has not told yet.
    """
    best = max(told, key=lambda fields: fields["valid_seconds"], default=None)
    valid = np.count_nonzero(columns[-1] & 0x0F == 0)
    return best if best is not None and best["valid_seconds"] >= valid else None
