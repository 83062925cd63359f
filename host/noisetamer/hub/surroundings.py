"""What a hub stands on, as troubles: room on its disk, its clock, its last backup, its units."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from noisetamer.base import database
from noisetamer.base.errors import UserError
from noisetamer.hub.bus.authority import BEGIN
from noisetamer.hub.live import UnitState
from noisetamer.hub.maintenance import backup
from noisetamer.hub.quota import Quotas
from noisetamer.hub.trouble import Trouble

# The first is told, a hundred units fill it in a week; the second is ill, though it still stores.
# Of a small disk, its part.
LITTLE_BYTES, LITTLE = 1_000_000_000, 0.05
LEAST_BYTES, LEAST = 200_000_000, 0.01
# So much earlier than the store was written last, the hub's clock was set back.
CLOCK_SECONDS = 60
# A call that was due so long ago, and is not even tried.
LATE_SECONDS = 300
_DAY = 86_400
_MOST_NAMED = 5


def calls_are_late(
    next_due: Callable[[], float | None], clock: Callable[[], float]
) -> Iterator[Trouble]:
    """Somebody is to be called, and has not been for minutes: whoever does that is stuck.

    next_due: when the next call is due, None: none is; clock: both Unix s.
    """
    try:
        due = next_due()
    except (UserError, database.Error):
        return  # the part itself says so
    if due is not None and clock() - due > LATE_SECONDS:
        yield Trouble("calls_late", {"minutes": f"{(clock() - due) / 60:.0f}"})


def of_chains(states: Iterable[UnitState]) -> Iterator[Trouble]:
    """Units of whose records something was found lately that nobody explains."""
    units = sorted(state.unit.place or state.unit.id for state in states if state.chain)
    if units:
        more = f" (+{len(units) - _MOST_NAMED})" if len(units) > _MOST_NAMED else ""
        yield Trouble("chain", {"units": ", ".join(units[:_MOST_NAMED]) + more}, ill=False)


Usage = tuple[int, int]
"""(free, of all) bytes."""


def _usage(data: Path) -> Usage:
    found = shutil.disk_usage(data)
    return found.free, found.total


class Surroundings:
    """Of the hub in `data`."""

    def __init__(
        self,
        data: Path,
        quotas: Quotas,
        last_alive: float | None,
        clock: Callable[[], float],
        usage: Callable[[Path], Usage] = _usage,
    ) -> None:
        """last_alive: when an earlier run wrote the store last, Unix s; clock: Unix time, s."""
        self._data = data
        self._quotas = quotas
        self._last_alive = last_alive
        self._clock = clock
        self._usage = usage

    def troubles(self) -> Iterator[Trouble]:
        yield from self._room()
        yield from self._time()
        yield from self._backup()
        for unit in sorted(self._quotas.shut_out()):
            yield Trouble("flood", {"unit": unit}, ill=False)

    def _room(self) -> Iterator[Trouble]:
        try:
            free, total = self._usage(self._data)
        except OSError:
            free = total = 0  # it does not answer
        if free <= min(LITTLE_BYTES, LITTLE * total):
            least = min(LEAST_BYTES, LEAST * total)
            yield Trouble("room", {"free": f"{free / 1e6:.0f}"}, ill=free <= least)

    def _time(self) -> Iterator[Trouble]:
        now = self._clock()
        earliest = max(BEGIN.timestamp(), (self._last_alive or 0) - CLOCK_SECONDS)
        if now < earliest:
            yield Trouble("clock", {"hours": f"{(earliest - now) / 3600:.1f}"})

    def _backup(self) -> Iterator[Trouble]:
        last = backup.last_made(self._data)
        if last:
            since = last[1].timestamp()
        else:
            try:  # as old as the hub itself
                since = (self._data / "certificates" / "ca.key").stat().st_mtime
            except OSError:
                return
        days = (self._clock() - since) / _DAY
        if days > backup.OLD_DAYS:
            yield Trouble("backup", {"days": f"{days:.0f}"}, ill=False)
