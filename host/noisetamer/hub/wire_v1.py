"""Bodies that hubs stored while records still were JSON, with `o` among their fields."""

import json
from typing import Any

from noisetamer.hub.wire import Event, Record, Seconds, read_record
from noisetamer.hub.wire_checks import (
    LEVELS,
    LONGEST_BATCH,
    RefusedError,
    check_event,
    check_seconds,
    integer,
)
from tamer.record.fields import FIELDS
from tamer.record.reading import MISSING, Second

_LARGEST = 2**53
_KEYS = ("b", "s", "o", "t", "kind")


def read_stored(unit: str, body: bytes) -> Record:
    """The record in a body of the table `record`, whichever hub stored it.

    Raises RefusedError with the reason where it is none.
    """
    if body[:1] != b"{":
        return read_record(unit, (0, 1), body)
    fields = _object(body)
    if fields.pop("v", None) != 1:
        raise RefusedError("v is not 1: this hub does not know that version")
    return (_event if "kind" in fields else _seconds)(unit, fields, body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusedError("not JSON") from None
    if not isinstance(value, dict):
        raise RefusedError("not a JSON object")
    return value


def _seconds(unit: str, fields: dict[str, Any], body: bytes) -> Seconds:
    flags = _integers(fields, "flags", 0, 0xFFFF)
    if not 1 <= len(flags) <= LONGEST_BATCH:
        raise RefusedError(f"{len(flags)} seconds, 1 to {LONGEST_BATCH} are allowed")
    columns = [_integers(fields, name, MISSING, FIELDS[name].range[1]) for name in LEVELS]
    for name, values in zip(LEVELS, columns, strict=True):
        if len(values) != len(flags):
            raise RefusedError(f"{name} has {len(values)} values, flags has {len(flags)}")
    t = integer(fields.get("t"), "t", 0, FIELDS["t"].range[1] - LONGEST_BATCH)
    seconds = [Second(t + i, *row) for i, row in enumerate(zip(*columns, flags, strict=True))]
    check_seconds(seconds)
    return Seconds(unit, *_key(fields), t, seconds, body)


def _event(unit: str, fields: dict[str, Any], body: bytes) -> Event:
    key = _key(fields)
    t = integer(fields.get("t"), "t", *FIELDS["t"].range)
    kind = fields["kind"]
    rest = {name: value for name, value in fields.items() if name not in _KEYS}
    check_event(kind, rest)
    return Event(unit, *key, t, kind, rest, body)


def _key(fields: dict[str, Any]) -> tuple[int, int, tuple[int, int]]:
    """Boot, seq, and what was gone before the oldest that the unit then held."""
    seq = integer(fields.get("s"), "s", 1, _LARGEST)
    oldest = integer(fields.get("o"), "o", 1, _LARGEST)
    return integer(fields.get("b"), "b", 0, _LARGEST), seq, (0, min(oldest, seq))


def _integers(fields: dict[str, Any], name: str, lowest: int, highest: int) -> list[int]:
    values = fields.get(name)
    if not isinstance(values, list) or any(type(value) is not int for value in values):
        raise RefusedError(f"{name} is missing or no list of integers")
    for value in values:
        if not lowest <= value <= highest:
            raise RefusedError(f"{name} has {value}, outside {lowest} to {highest}")
    return values
