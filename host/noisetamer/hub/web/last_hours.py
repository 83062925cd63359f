"""The last hour of each unit that somebody looks at, and which of its seconds are new to a page.

A page says which mark it has; it is told every second that became another since, whether it has
just come, was filled in late or was dated afterwards. A mark of an earlier hub means nothing here,
nor does one of an hour that was let go: such a page is told the whole.
"""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from noisetamer.hub.live import Live, UnitState
from noisetamer.hub.store.minutes import Columns
from noisetamer.hub.store.queries import Queries, curve_of
from noisetamer.hub.words.i18n import Texts

# 60 kB each; the one that was asked for longest ago is let go.
MOST_UNITS = 1000
# A change of more than this part of the hour is told by telling the hour.
LARGEST_PART = 0.5
# A mark of no hub.
_NONE = "."


@dataclass(frozen=True)
class _Hour:
    """Seconds from `start` on. changed: the mark with which each became what it is; first: the
    oldest mark that a page may have of it; stored: `UnitState.stored` when it was read.
    """

    start: int
    seconds: Columns
    changed: npt.NDArray[np.int64]
    first: int
    mark: int
    stored: int


class LastHours:
    """Kept from the first time that a page asks for one."""

    def __init__(self, live: Live, queries: Queries) -> None:
        self._live = live
        self._queries = queries
        self._hub = secrets.token_hex(3)
        self._mark = 0
        self._hours: OrderedDict[str, _Hour] = OrderedDict()
        # An hour that is read takes the place of the one before, whole: who tells of it waits for
        # no reader, and the loop that tells all pages never does.
        self._reading = threading.Lock()

    def stale(self, id: str) -> bool:
        """Whether a page looks at the hour of this unit, and more has been stored since."""
        hour, state = self._hours.get(id), self._live.states.get(id)
        return hour is not None and state is not None and hour.stored != state.stored

    def read(self, state: UnitState) -> None:
        """Have it as the store has it now, unless somebody else had it read meanwhile; blocks."""
        with self._reading:
            if self.stale(state.unit.id):
                self._read(state)

    def mark(self, id: str) -> str:
        """Of what is known of a unit's hour; "" where nobody looks at it."""
        hour = self._hours.get(id)
        return self._named(hour.mark) if hour else ""

    def told(self, id: str, after: str) -> dict[str, object] | None:
        """What became new after a mark: {mark, after, t0, n, parts}, the hour being n seconds
        from t0 on and each part a Curve. after: "" is any mark that a page may have.

        Where that is nearly all, or nothing is known of the mark, the hour itself: a Curve with
        its mark. None where nobody looks at it.
        """
        hour = self._hours.get(id)
        return self._told(hour, after) if hour else None

    def last_hour(self, state: UnitState, after: str = "") -> dict[str, object]:
        """As the store has it now, as `told`, the whole where no mark is named; blocks."""
        with self._reading:
            hour = self._read(state)
        return self._told(hour, after or _NONE)

    def _read(self, state: UnitState) -> _Hour:
        id, stored = state.unit.id, state.stored
        found = self._queries.last_seconds(id, state.unit.replaced)
        start, seconds = found or (0, np.zeros((2, 0), np.int32))
        before = self._hours.get(id)
        self._mark += 1
        changed = np.full(seconds.shape[1], self._mark)
        if before is None:
            while len(self._hours) >= MOST_UNITS:
                self._hours.popitem(last=False)
            first = self._mark
        else:
            first = before.first
            a = max(start, before.start)
            b = min(start + seconds.shape[1], before.start + before.seconds.shape[1])
            if a < b:
                now, then = slice(a - start, b - start), slice(a - before.start, b - before.start)
                same = (seconds[:, now] == before.seconds[:, then]).all(axis=0)
                changed[now][same] = before.changed[then][same]
        self._hours[id] = hour = _Hour(start, seconds, changed, first, self._mark, stored)
        self._hours.move_to_end(id)
        return hour

    def _told(self, hour: _Hour, after: str) -> dict[str, object]:
        known = self._known(hour, after)
        if known is not None:
            new = hour.changed > known
            if new.sum() <= LARGEST_PART * len(new):
                parts = [
                    vars(curve_of(hour.start + a, hour.seconds[:, a:b]))
                    for a, b in _stretches(new)
                ]
                return {
                    "mark": self._named(hour.mark),
                    "after": self._named(known),
                    "t0": hour.start,
                    "n": len(new),
                    "parts": parts,
                }
        return {"mark": self._named(hour.mark), **vars(curve_of(hour.start, hour.seconds))}

    def _named(self, mark: int) -> str:
        return f"{self._hub}.{mark}"

    def _known(self, hour: _Hour, after: str) -> int | None:
        """None of one that no page has from here."""
        if not after:
            return hour.first
        hub, _, number = after.partition(".")
        if hub != self._hub or not number.isdecimal():
            return None
        mark = int(number[:18])
        return mark if hour.first <= mark <= hour.mark else None


def _stretches(new: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(first, last + 1) of each run of True."""
    borders = np.flatnonzero(np.diff(np.concatenate([[False], new, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in borders.reshape(-1, 2)]


def with_limits(
    state: UnitState, texts: Texts, utc_offset: float, told: dict[str, object]
) -> dict[str, object]:
    """What a page draws besides: the limits of that hour, and how long it is, in words."""
    LAeq = told.get("LAeq")
    n = len(LAeq) if isinstance(LAeq, list) else told["n"]
    t0 = told["t0"]
    assert isinstance(n, int) and isinstance(t0, int)
    minutes = -(-n // 60)
    span = {0: "no_curve", 1: "last_minute", 60: "last_hour"}.get(minutes, "last_minutes")
    known = list(state.limits)
    # the one that held when it began, and those since
    first = max((i for i, (t, _) in enumerate(known) if t <= t0), default=0)
    return {
        **told,
        "limit": known[first:],
        "utc_offset": utc_offset,
        "span": texts[span].format(minutes=minutes),
    }
