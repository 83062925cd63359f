"""From what a box says on its serial console, and what the world knows, to lines of the trace."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from noisetamer.base import json_text
from tamer.record import events
from tamer.record.fields import DECIBELS, field
from tamer.record.reading import MISSING, REASONS, Second, is_dated

# A box reports a second after it has ended; what is older than this is complete, s.
_SETTLED = 3

_EPOCH = date(1970, 1, 1).toordinal()

_LEVELS = Second._fields[1:-1]


class ConsoleLines:
    """Merges by time what the box says and what the world knows."""

    def __init__(self, unit: str, start: int, utc_offset_s: int):
        self._unit = unit
        self._start = start
        self._power_came = start
        self._utc_offset = utc_offset_s
        self._day = -1
        self._date = ""
        self._latest = 0
        self._waiting: list[tuple[int, int, int, dict[str, Any]]] = []
        self._number = 0

    def power_came(self, t: int) -> None:
        """The box starts at this Unix time."""
        self._power_came = t

    def world(self, event: dict[str, Any]) -> None:
        """Something true of the square, whether or not the box noticed."""
        t = self._start + event["second"]
        fields = {key: value for key, value in event.items() if key != "second"}
        self._wait(t, 0, fields)

    def settled(self) -> Iterator[dict[str, Any]]:
        """The lines before which nothing can come any more."""
        if self._waiting and self._waiting[0][0] <= self._latest - _SETTLED:
            yield from self._until(self._latest - _SETTLED)

    def rest(self) -> Iterator[dict[str, Any]]:
        """Everything that is left, at the end."""
        yield from self._until(None)

    def _until(self, t: int | None) -> Iterator[dict[str, Any]]:
        self._waiting.sort(key=lambda entry: entry[:3])
        while self._waiting and (t is None or self._waiting[0][0] <= t):
            yield self._waiting.pop(0)[3]

    def said(self, line: str) -> None:
        """Take in one line of the console; what is no record is ignored."""
        try:
            record = json_text.loads(line)
            t = self._right(record["t"])
        except (ValueError, TypeError, KeyError):
            return
        if "kind" in record:
            kind = record.pop("kind")
            event = {key: value for key, value in record.items() if key not in ("v", "t")}
            event = {name: _readable(kind, name, value) for name, value in event.items()}
            self._wait(t, 1, {"event": kind, **event})
            return
        reason = record["flags"] & 0x0F
        fields: dict[str, Any] = {name: _decibels(record[name]) for name in _LEVELS}
        fields["valid"] = reason == 0
        if reason:
            fields["reason"] = REASONS[reason]
        fields["stage"] = record["stage"]
        fields["limit"] = record["limit"] / 10
        if "LZ" in record:
            fields["LZ"] = [_decibels(level) for level in record["LZ"]]
        self._wait(t, 2, fields)
        self._latest = t

    def _right(self, t: int) -> int:
        """When it was, also by a box that does not know the time."""
        return t if is_dated(t) else t + self._power_came

    def _local(self, t: int) -> str:
        """Local time, ISO 8601 to the second."""
        day, second = divmod(t + self._utc_offset, 86400)
        if day != self._day:
            self._day = day
            self._date = date.fromordinal(_EPOCH + day).isoformat()
        return f"{self._date}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"

    def _wait(self, t: int, rank: int, fields: dict[str, Any]) -> None:
        at = self._local(t)
        self._number += 1
        line = {"unit": self._unit, "t": t, "at": at, **fields}
        self._waiting.append((t, rank, self._number, line))


def _readable(kind: str, name: str, value: Any) -> Any:
    """A field of an event, levels in dB."""
    if name not in events.KINDS.get(kind, ()) or field(kind, name).unit != DECIBELS:
        return value
    return [_decibels(level) for level in value] if isinstance(value, list) else _decibels(value)


def _decibels(level: int) -> float | None:
    return None if level == MISSING else level / 10
