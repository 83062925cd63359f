"""Whether a report holds what `tamer.record.fields` says of it; whatever does not is refused."""

import json
from collections.abc import Sequence
from typing import Any

from tamer.record import events
from tamer.record import fields as known
from tamer.record.fields import FIELDS, Field
from tamer.record.reading import MISSING, REASONS, Second

LEVELS = Second._fields[1:-1]
LONGEST_BATCH = 10
REASON = 0x0F
_RANGES = tuple(FIELDS[name].range for name in LEVELS)


class RefusedError(Exception):
    """A report that is not stored. The message is the reason."""


def check(kind: str, fields: dict[str, Any]) -> None:
    """Fields of an event, or of "status", "now" and "want". Raises RefusedError with the reason.

    What this hub does not know, a kind or a field, is let through: newer firmware loses nothing.
    """
    optional = known.OPTIONAL.get(kind, ())
    for name in (*(known.REPORTS.get(kind) or events.KINDS.get(kind, ())), "policy"):
        if name in fields or not (name in optional or name == "policy"):
            check_field(name, known.field(kind, name), fields.get(name))
    if kind == "stage" and fields["from"] == fields["to"]:
        raise RefusedError(f"from and to are both {fields['to']}")
    if kind == "now":
        _check_reason(f"flags is {fields['flags']}", fields["flags"])


def check_event(kind: str, fields: dict[str, Any]) -> None:
    """An event's kind and fields. Raises RefusedError with the reason."""
    text(kind, "kind", 1, 64, printable=True)
    must_be_storable(fields)
    check(kind, fields)


def must_be_storable(fields: dict[str, Any]) -> None:
    """Raises RefusedError for what Python reads as JSON and nobody else: NaN, half a surrogate."""
    try:
        json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise RefusedError("not JSON") from None


def check_seconds(seconds: Sequence[Second]) -> None:
    """Consecutive seconds of one record. Raises RefusedError with the reason."""
    if not 1 <= len(seconds) <= LONGEST_BATCH:
        raise RefusedError(f"{len(seconds)} seconds, 1 to {LONGEST_BATCH} are allowed")
    integer(seconds[0].t, "t", 0, FIELDS["t"].range[1] - LONGEST_BATCH)
    _, *levels, flags = zip(*seconds, strict=True)
    if not any(flags) and all(
        lowest <= min(column) and max(column) <= highest
        for column, (lowest, highest) in zip(levels, _RANGES, strict=True)
    ):
        # as nearly all do; what is wrong with another is looked for one by one
        return
    for second in seconds:
        for name in LEVELS:
            value = getattr(second, name)
            lowest, highest = FIELDS[name].range
            if value != MISSING and not lowest <= value <= highest:
                raise RefusedError(f"{name} has {value}, outside {lowest} to {highest}")
        _check_reason(f"flags has {second.flags}", second.flags)
        if second.flags & REASON == 0 and second.LAeq == MISSING:
            raise RefusedError("a second is flagged valid but has no LAeq")


def check_field(name: str, field: Field, value: Any) -> None:
    """One value. Raises RefusedError with the reason."""
    match field.type:
        case known.INTEGER:
            integer(value, name, *field.range)
        case known.LEVEL:
            if value != MISSING:
                integer(value, name, *field.range)
        case known.BOOLEAN:
            if type(value) is not bool:
                raise RefusedError(f"{name} is missing or neither true nor false")
        case known.CHOICE:
            if value not in field.range:
                raise RefusedError(f"{name} is {value!r}, none of {', '.join(field.range)}")
        case known.NAME | known.SENTENCE:
            text(value, name, *field.range, printable=field.type == known.NAME)
        case known.FAULTS:
            if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
                raise RefusedError(f"{name} is missing or no table of texts")
        case _:
            _check_list(name, field, value)


def integer(value: Any, name: str, lowest: int, highest: int) -> int:
    """The value. Raises RefusedError where it is no whole number in this range."""
    if type(value) is not int:
        raise RefusedError(f"{name} is missing or no integer")
    if not lowest <= value <= highest:
        raise RefusedError(f"{name} is {value}, outside {lowest} to {highest}")
    return value


def text(value: Any, name: str, least: int, most: int, printable: bool) -> str:
    """The value. Raises RefusedError where it is no text of this length."""
    fits = isinstance(value, str) and least <= len(value) <= most
    if not fits or (printable and not value.isprintable()):
        raise RefusedError(f"{name} is missing or no text of {least} to {most} characters")
    return value


def _check_list(name: str, field: Field, value: Any) -> None:
    wanted = str if field.type == known.TEXTS else int
    what = "texts" if wanted is str else "integers"
    if not isinstance(value, list) or any(type(item) is not wanted for item in value):
        raise RefusedError(f"{name} is missing or no list of {what}")
    least, most = field.range
    if not least <= len(value) <= most:
        raise RefusedError(f"{name} has {len(value)} values, {least} to {most} are allowed")


def _check_reason(what: str, flags: int) -> None:
    if flags & REASON >= len(REASONS):
        raise RefusedError(f"{what}: no such reason")
