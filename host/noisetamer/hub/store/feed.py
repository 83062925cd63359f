"""What others read on behind an id: the feed of events and statuses, and the news for the log.

Nothing may come in before the last id that somebody has seen. A server gives numbers out at once,
and shows rows when their transaction ends: so these are written last in a transaction, and whoever
else has some to write waits for its end.
"""

import json

from noisetamer.base import database
from noisetamer.hub.wire import Event, Status

_EVENT = ("received", "unit", "boot", "seq", "status")
_NEWS = ("unit", "boot", "seq", "day")


class Feed:
    """The tables `feed` and `log_news`, within the writer's transactions."""

    def __init__(self, connection: database.Connection) -> None:
        self._connection = connection
        self._events: list[tuple[float, str, int | None, int | None, str | None]] = []
        self._news: list[tuple[str, int | None, int | None, int | None]] = []

    def forget(self) -> None:
        """A transaction was rolled back."""
        self._events.clear()
        self._news.clear()

    def event(self, received: float, event: Event) -> None:
        """received: the hub's own time, Unix s."""
        self._events.append((received, event.unit, event.boot, event.seq, None))

    def status(self, received: float, status: Status) -> None:
        """As it was said."""
        self._events.append((received, status.unit, None, None, json.dumps(status.fields)))

    def late(self, unit: str, boot: int, seq: int) -> None:
        """A record that came when its boot's mark had passed it."""
        self._news.append((unit, boot, seq, None))

    def deleted(self, unit: str, day: int) -> None:
        """A day whose time was over. day: since 1970, UTC."""
        self._news.append((unit, None, None, day))

    def write(self) -> None:
        """The last thing before the commit."""
        if self._events or self._news:
            database.in_turn(self._connection, "feed")
            database.put(self._connection, "feed", _EVENT, self._events)
            database.put(self._connection, "log_news", _NEWS, self._news)
            self.forget()
