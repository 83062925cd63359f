"""The newest minute of each unit, kept in mind: nearly every report goes on with it."""

from collections.abc import Mapping

from noisetamer.base import database
from noisetamer.hub.store import minutes, past_days
from noisetamer.hub.store.minutes import Minute

MOST_UNITS = 50_000
_COLUMNS = ("unit", "minute", *minutes.ROWS)


class Recent:
    """Within the writer's transactions."""

    def __init__(self, connection: database.Connection) -> None:
        self._connection = connection
        # {unit: (the newest minute of which there is anything, its seconds where they are known)}
        self._newest: dict[str, tuple[int, Minute | None]] = {}

    def forget(self) -> None:
        """A transaction was rolled back."""
        self._newest.clear()

    def minute(self, unit: str, number: int) -> Minute:
        """As it is here, to be changed and `put` again."""
        if unit not in self._newest:
            if len(self._newest) == MOST_UNITS:
                self._newest.clear()
            self._newest[unit] = past_days.newest_minute(self._connection, unit), None
        newest, known = self._newest[unit]
        if number > newest:
            return minutes.empty()
        if number == newest and known is not None:
            return known
        found = past_days.minute(self._connection, unit, number)
        return minutes.empty() if found is None else found

    def put(self, touched: Mapping[tuple[str, int], Minute]) -> None:
        rows = [(*key, *minutes.blobs(minute)) for key, minute in touched.items()]
        database.put(self._connection, "minute", _COLUMNS, rows, ("unit", "minute"))
        for (unit, number), minute in touched.items():
            newest, _ = self._newest.get(unit, (number, None))
            if number >= newest:
                self._newest[unit] = number, minute
