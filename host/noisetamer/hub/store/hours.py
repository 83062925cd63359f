"""Hours of a unit, as the box summed them up or by the same arithmetic. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from noisetamer.hub.store.minutes import NOT_RECEIVED, Columns
from tamer.record.reading import Second
from tamer.record.statistics import Period

SECONDS = 3600

_LEVELS = ("LAeq", "LAFmax", "L10", "L50", "L90")


@dataclass(frozen=True)
class Hour:
    """One hour of the clock, from Unix time t on.

    Levels over its valid seconds in 0.1 dB, MISSING without one; LN: exceeded in N % of them.
    valid: how many.
    """

    t: int
    LAeq: int
    LAFmax: int
    L10: int
    L50: int
    L90: int
    valid: int


def hour(t: int, columns: Columns, told: Iterable[dict[str, Any]]) -> Hour | None:
    """The hour from t on; None when nothing is known of it.

    columns: shape (5, 3600), its seconds as stored; told: fields of the box's own `hour` events
    of it (several, when the box started anew). The box's is taken unless the hub has more valid
    seconds: what the box summed up before a restart is lost to it, and an hour that is not over
    it has not told yet.
    """
    valid = np.count_nonzero(columns[-1] & 0x0F == 0)
    best = max(told, key=lambda fields: fields["valid_seconds"], default=None)
    if best is not None and best["valid_seconds"] >= valid:
        return Hour(t, *(best[name] for name in _LEVELS), valid=best["valid_seconds"])
    received = columns[-1] != NOT_RECEIVED
    if not received.any():
        return None
    period = Period(t, SECONDS)
    for second, column in zip(
        (t + np.flatnonzero(received)).tolist(), columns.T[received].tolist(), strict=True
    ):
        period.add(Second(second, *column))
    found = period.statistics()
    return Hour(t, *(getattr(found, name) for name in _LEVELS), valid=found.valid)
