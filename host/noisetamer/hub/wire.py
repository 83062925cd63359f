"""What a unit may say: every report is checked here before anything else sees it."""

import json
from dataclasses import dataclass
from typing import Any

from noisetamer.hub.registry import UNIT_ID
from tamer.judge import stages
from tamer.record.reading import MISSING, REASONS

LEVELS = ("LAeq", "LAFmax", "LCeq", "LCpeak")
STAGES = stages.STAGES
CALLED = ("leader", "property", "police")
LONGEST_BATCH = 10
LONGEST_BODY = 4096
# far outside anything a microphone can give, yet a slip of units (683.0 dB) is caught
LOWEST, HIGHEST = -500, 2000
LAST_TIME = 2**32 - 1
LONGEST_SPAN = 2**31

_REASON = 0x0F
_KEYS = ("b", "s", "o", "t", "kind")


class RefusedError(Exception):
    """A report that is not stored. The message is the reason."""


@dataclass(frozen=True)
class Seconds:
    """Up to 10 consecutive seconds. levels: {metric: [0.1 dB]}; t: start of the first, Unix s.

    oldest: the first seq of this boot the unit still holds; what came before cannot come again.
    """

    unit: str
    boot: int
    seq: int
    oldest: int
    t: int
    levels: dict[str, list[int]]
    flags: list[int]
    body: bytes

    @property
    def last(self) -> int:
        return self.t + len(self.flags) - 1


@dataclass(frozen=True)
class Event:
    """Something the unit did. fields: the event as it came, without v, b, s, t and kind."""

    unit: str
    boot: int
    seq: int
    oldest: int
    t: int
    kind: str
    fields: dict[str, Any]
    body: bytes

    @property
    def last(self) -> int:
        return self.t


@dataclass(frozen=True)
class Status:
    """Online or not (the broker sends the unit's last will when the connection breaks)."""

    unit: str
    online: bool
    fields: dict[str, Any]
    body: bytes


@dataclass(frozen=True)
class Now:
    """The running second, while somebody watches. LAeq, limit: 0.1 dB."""

    unit: str
    t: int
    LAeq: int
    flags: int
    stage: str
    limit: int
    speaking: bool


Record = Seconds | Event
Report = Seconds | Event | Status | Now


def reason_of(flags: int) -> str:
    """'valid', or why the second is not judged."""
    return REASONS[flags & _REASON]


def read_report(subject: str, body: bytes) -> Report:
    """The report in a message on `dev.<unit>.<kind>`. Raises RefusedError with the reason."""
    parts = subject.split(".")
    if len(parts) != 3 or parts[0] != "dev" or not UNIT_ID.fullmatch(parts[1]):
        raise RefusedError(f"{subject} is no report's subject")
    unit, kind = parts[1], parts[2]
    if len(body) > LONGEST_BODY:
        raise RefusedError(f"{len(body)} bytes long, at most {LONGEST_BODY} are allowed")
    fields = _object(body)
    if fields.pop("v", None) != 1:
        raise RefusedError("v is not 1: this hub does not know that version")
    match kind:
        case "seconds":
            return _seconds(unit, fields, body)
        case "event":
            return _event(unit, fields, body)
        case "status":
            return Status(unit, _boolean(fields, "online"), fields, body)
        case "now":
            return _now(unit, fields)
    raise RefusedError(f"{kind!r} is no kind of report")


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body, parse_constant=_no_constant)
        if b"\\u" in body:  # half a surrogate pair is JSON, but no text anyone can store
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise RefusedError("not JSON") from None
    if not isinstance(value, dict):
        raise RefusedError("not a JSON object")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _seconds(unit: str, fields: dict[str, Any], body: bytes) -> Seconds:
    flags = _integers(fields, "flags", 0, 0xFFFF)
    levels = {metric: _integers(fields, metric, MISSING, HIGHEST) for metric in LEVELS}
    if not 1 <= len(flags) <= LONGEST_BATCH:
        raise RefusedError(f"{len(flags)} seconds, 1 to {LONGEST_BATCH} are allowed")
    for metric, values in levels.items():
        if len(values) != len(flags):
            raise RefusedError(f"{metric} has {len(values)} values, flags has {len(flags)}")
        for value in values:
            if value != MISSING and value < LOWEST:
                raise RefusedError(f"{metric} has {value}, outside {LOWEST} to {HIGHEST}")
    for value, flag in zip(levels["LAeq"], flags, strict=True):
        if flag & _REASON >= len(REASONS):
            raise RefusedError(f"flags has {flag}: no such reason")
        if flag & _REASON == 0 and value == MISSING:
            raise RefusedError("a second is flagged valid but has no LAeq")
    t = _integer(fields, "t", 0, LAST_TIME - LONGEST_BATCH)
    return Seconds(unit, *_key(fields), t, levels, flags, body)


def _event(unit: str, fields: dict[str, Any], body: bytes) -> Event:
    key = _key(fields)
    t = _integer(fields, "t", 0, LAST_TIME)
    kind = _text(fields, "kind")
    match kind:
        case "stage":
            if _stage(fields, "from") == _stage(fields, "to"):
                raise RefusedError(f"from and to are both {fields['to']}")
            _limit_and_level(fields)
        case "warning" | "spoken":
            _message(fields)
        case "outcome":
            _message(fields)
            _stage(fields, "stage")
            _boolean(fields, "effective")
            _integer(fields, "after", 0, LONGEST_SPAN)
        case "hand-over":
            if fields.get("to") not in CALLED:
                raise RefusedError(f"to is {fields.get('to')!r}, none of {', '.join(CALLED)}")
            _integer(fields, "ineffective", 0, 2**31)
            _limit_and_level(fields)
        case "relapse":
            _integer(fields, "after", 0, LONGEST_SPAN)
        case "sudden":
            _integer(fields, "LAFmax", LOWEST, HIGHEST)
            _integer(fields, "limit", LOWEST, HIGHEST)
        case "resumed":
            _stage(fields, "stage")
            _integer(fields, "away", 0, LONGEST_SPAN)
        case "spotlight":
            _boolean(fields, "on")
    if "policy" in fields:
        _text(fields, "policy")
    # a kind this hub does not know yet is stored as it is: newer firmware loses nothing
    rest = {name: value for name, value in fields.items() if name not in _KEYS}
    return Event(unit, *key, t, kind, rest, body)


def _message(fields: dict[str, Any]) -> None:
    _text(fields, "message")
    _integer(fields, "number", 0, 2**31)


def _limit_and_level(fields: dict[str, Any]) -> None:
    _integer(fields, "limit", LOWEST, HIGHEST)
    _integer(fields, "level", MISSING, HIGHEST)


def _now(unit: str, fields: dict[str, Any]) -> Now:
    flags = _integer(fields, "flags", 0, 0xFFFF)
    if flags & _REASON >= len(REASONS):
        raise RefusedError(f"flags is {flags}: no such reason")
    return Now(
        unit,
        _integer(fields, "t", 0, LAST_TIME),
        _integer(fields, "LAeq", MISSING, HIGHEST),
        flags,
        _stage(fields, "stage"),
        _integer(fields, "limit", LOWEST, HIGHEST),
        _boolean(fields, "speaking"),
    )


def _key(fields: dict[str, Any]) -> tuple[int, int, int]:
    """Boot, seq and the oldest seq still held."""
    seq = _integer(fields, "s", 1, 2**53)
    return _integer(fields, "b", 0, 2**53), seq, min(_integer(fields, "o", 1, 2**53), seq)


def _integer(fields: dict[str, Any], name: str, lowest: int, highest: int) -> int:
    value = fields.get(name)
    if type(value) is not int:
        raise RefusedError(f"{name} is missing or no integer")
    if not lowest <= value <= highest:
        raise RefusedError(f"{name} is {value}, outside {lowest} to {highest}")
    return value


def _integers(fields: dict[str, Any], name: str, lowest: int, highest: int) -> list[int]:
    values = fields.get(name)
    if not isinstance(values, list) or any(type(value) is not int for value in values):
        raise RefusedError(f"{name} is missing or no list of integers")
    for value in values:
        if not lowest <= value <= highest:
            raise RefusedError(f"{name} has {value}, outside {lowest} to {highest}")
    return values


def _boolean(fields: dict[str, Any], name: str) -> bool:
    value = fields.get(name)
    if type(value) is not bool:
        raise RefusedError(f"{name} is missing or neither true nor false")
    return value


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= 64 or not value.isprintable():
        raise RefusedError(f"{name} is missing or no text of 1 to 64 characters")
    return value


def _stage(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if value not in STAGES:
        raise RefusedError(f"{name} is {value!r}, none of {', '.join(STAGES)}")
    return value
