"""Hours summed up as the box does, many seconds at once.

The same numbers as `store.hour_sums.summed`, which looks at each second: a test holds both
together.
"""

from array import array

import numpy as np
import numpy.typing as npt

from noisetamer.hub.store.hour_sums import HOUR, LOWEST, MINUTE, MINUTES, HourSum, packed
from noisetamer.hub.store.hours import LEVELS, Hour
from noisetamer.hub.store.minutes import NOT_RECEIVED, Columns
from tamer.record.reading import MISSING, OVERLOAD, OWN_VOICE, UNDER_RANGE
from tamer.record.statistics import Energy, Period

_BINS = 1401
_FIRST = -1000
# Energies of levels in 0.1 dB from _FIRST on.
_ENERGY = 10 ** (np.arange(_FIRST, 2001) / 100)


def period(t: int, seconds: int, columns: Columns) -> Period:
    """Of the seconds from t on that were received. columns: shape (5, n), as stored."""
    found = Period(t, seconds)
    LAeq, LAFmax, LCeq, LCpeak, flags = columns
    received = flags != NOT_RECEIVED
    why = flags & 0x0F
    valid = received & (why == 0)
    if received.any():
        found._last = t + int(np.flatnonzero(received)[-1])
    found._overload = bool((received & (why == OVERLOAD)).any())
    found._under_range = bool((received & (why == UNDER_RANGE)).any())
    count = int(np.count_nonzero(valid))
    found._valid = count
    if not count:
        return found
    LAeq = LAeq[valid]
    found._A, found._C = _energy(LAeq), _energy(LCeq[valid])
    found._LAFmax, found._LCpeak = int(LAFmax[valid].max()), int(LCpeak[valid].max())
    found._LAmin = int(LAeq.min())
    bins = np.bincount(np.clip(LAeq - LOWEST, 0, _BINS - 1), minlength=_BINS)
    used = np.flatnonzero(bins)
    found._lowest, found._highest = int(used[0]), int(used[-1])
    found._bins = array("H", bins.astype("<u2").tobytes())
    return found


def hour(t: int, columns: Columns) -> tuple[HourSum, Period] | None:
    """The hour from t on, and its Period; None when nothing of it was received.

    columns: shape (5, 3600).
    """
    received = int(np.count_nonzero(columns[-1] != NOT_RECEIVED))
    if not received:
        return None
    whole = period(t, HOUR, columns)
    told = whole.statistics()
    levels = Hour(t, *(getattr(told, name) for name in LEVELS), valid=told.valid)
    return HourSum(t, received, levels, packed(whole), _minutes(columns)), whole


def _minutes(columns: Columns) -> npt.NDArray[np.void]:
    reasons = columns[-1].reshape(MINUTES, 60) & 0x0F
    valid = reasons == 0
    found = np.zeros(MINUTES, MINUTE)
    found["valid"] = valid.sum(axis=1)
    found["own_voice"] = (reasons == OWN_VOICE).sum(axis=1)
    found["LAFmax"] = np.where(valid, columns[1].reshape(MINUTES, 60), MISSING).max(axis=1)
    levels = columns[0].reshape(MINUTES, 60)
    energy = np.where(valid, _ENERGY[np.clip(levels, _FIRST, 2000) - _FIRST], 0.0).sum(axis=1)
    some = found["valid"] > 0
    found["LAeq"] = MISSING
    found["LAeq"][some] = np.rint(100 * np.log10(energy[some] / found["valid"][some]))
    return found


def _energy(levels: npt.NDArray[np.int32]) -> Energy:
    found = Energy()
    found._sums[0] = float(_ENERGY[np.clip(levels, _FIRST, 2000) - _FIRST].sum())
    return found


def counted(flags: npt.NDArray[np.int32]) -> tuple[list[int], list[int]]:
    """(reasons there are among the seconds received, how many seconds each)."""
    values, counts = np.unique(flags[flags != NOT_RECEIVED] & 0x0F, return_counts=True)
    return values.tolist(), counts.tolist()
