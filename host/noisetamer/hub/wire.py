"""What a unit may say: every report is checked here before anything else sees it."""

import datetime
import json
from dataclasses import dataclass
from typing import Any

from noisetamer.hub import coded_levels
from noisetamer.hub.registry import UNIT_ID
from noisetamer.hub.wire_checks import (
    REASON,
    RefusedError,
    check,
    check_event,
    check_seconds,
    integer,
    must_be_storable,
)
from tamer.clock import is_possible
from tamer.record import encoding, messages
from tamer.record.fields import FIELDS
from tamer.record.reading import REASONS, Second, is_dated

LONGEST_BODY = 4096


@dataclass(frozen=True)
class Seconds:
    """Up to 10 consecutive seconds, `t` the start of the first, Unix s.

    gone: (after, before), two sequences of this boot: what lies between them cannot come again.
    body: the record's bytes, the same however often it is sent.
    follows, link: the record's link in the unit's chain and the one before it, as they were told.
    """

    unit: str
    boot: int
    seq: int
    gone: tuple[int, int]
    t: int
    seconds: list[Second]
    body: bytes
    follows: bytes | None = None
    link: bytes | None = None

    @property
    def last(self) -> int:
        return self.t + len(self.seconds) - 1


@dataclass(frozen=True)
class Event:
    """Something the unit did. fields: as it came. The others: as of Seconds."""

    unit: str
    boot: int
    seq: int
    gone: tuple[int, int]
    t: int
    kind: str
    fields: dict[str, Any]
    body: bytes
    follows: bytes | None = None
    link: bytes | None = None

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
    """The running second, while somebody watches. LAeq, limit: 0.1 dB.

    budget: of a policy's limit on LAeq over some minutes, where it has one: limit, 0.1 dB;
    minutes; per cent of it that is used up; if it stays as loud, in how many s it is reached.
    """

    unit: str
    t: int
    LAeq: int
    flags: int
    stage: str
    limit: int
    speaking: bool
    budget: tuple[int, ...] = ()


Record = Seconds | Event
Report = Seconds | Event | Status | Now


def reason_of(flags: int) -> str:
    """'valid', or why the second is not judged; 'unknown' where a newer hub has stored it."""
    code = flags & REASON
    return REASONS[code] if code < len(REASONS) else "unknown"


def read_report(subject: str, payload: bytes) -> Report:
    """The report in a message on `dev.<unit>.<kind>`. Raises RefusedError with the reason."""
    parts = subject.split(".")
    if len(parts) != 3 or parts[0] != "dev" or not UNIT_ID.fullmatch(parts[1]):
        raise RefusedError(f"{subject} is no report's subject")
    unit, kind = parts[1], parts[2]
    if len(payload) > LONGEST_BODY:
        raise RefusedError(f"{len(payload)} bytes long, at most {LONGEST_BODY} are allowed")
    match kind:
        case "record":
            try:
                opened = encoding.opened(payload)
            except ValueError as error:
                raise RefusedError(str(error)) from None
            gone, links = (opened.after, opened.before), (opened.follows, opened.link)
            return _possible(read_record(unit, gone, opened.record, links))
        case "status":
            told = _json(kind, payload)
            return Status(unit, told["online"], told, payload)
        case "now":
            told = _json(kind, payload)
            heard = {name: told[name] for name in messages.NOW_FIELDS[1:-2]}
            return Now(unit, **heard, budget=tuple(told.get("budget", ())))
    raise RefusedError(f"{kind!r} is no kind of report")


@dataclass(frozen=True)
class Name:
    """What a record is called, whatever else is in it. gone: as of Seconds."""

    boot: int
    seq: int
    gone: tuple[int, int]


def name_of(subject: str, payload: bytes) -> Name | None:
    """The name of a record that `read_report` refuses; None where it has none.

    A later version of the envelope may give its five bytes another meaning, a later code of the
    record another form to what follows the head: the head stays where it is.
    """
    parts = subject.split(".")
    if len(parts) != 3 or parts[2] != "record":
        return None
    try:
        head = encoding.head(payload[encoding.ENVELOPE_BYTES :])
    except ValueError:
        return None
    if head.sequence == 0:
        return None
    try:
        after, before = encoding.opened(payload)[:2]
    except ValueError:
        after, before = head.sequence - 1, head.sequence
    return Name(head.boot, head.sequence, _gone(after, before, head.sequence))


def _gone(after: int, before: int, seq: int) -> tuple[int, int]:
    """At least nothing, at most everything before the record itself."""
    return min(after, seq - 1), min(max(before, 1), seq)


def read_record(
    unit: str,
    gone: tuple[int, int],
    body: bytes,
    links: tuple[bytes | None, bytes | None] = (None, None),
) -> Record:
    """A record from its own bytes. links: which it follows, and its own. Raises RefusedError with
    the reason."""
    try:
        code, boot, seq, t = encoding.head(body)
        if code not in (*encoding.OF_SECONDS, encoding.EVENT):
            raise RefusedError(f"code is {code}: this hub does not know that form of a record")
        integer(seq, "s", *FIELDS["s"].range)
        key = (unit, boot, seq, _gone(*gone, seq), t)
        if code in encoding.OF_SECONDS:
            coded = code == encoding.CODED_SECONDS
            seconds = (
                coded_levels.decode(t, body[encoding.HEAD_BYTES :])
                if coded
                else encoding.seconds(body)
            )
            check_seconds(seconds)
            return Seconds(*key, seconds, body, *links)
        told = body[encoding.HEAD_BYTES :].decode()
        if "\0" in told or told.startswith("\ufeff"):
            # UTF-16 is JSON to Python, and to no one who checks a bundle
            raise ValueError("not JSON in UTF-8")
        kind, fields = encoding.event(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(str(error)) from None
    check_event(kind, fields)
    return Event(*key, kind, fields, body, *links)


def _possible(record: Record) -> Record:
    """Of a time that can be. Raises RefusedError: dated by another, all else would be too."""
    told = {"t": record.t}
    if isinstance(record, Event) and record.kind == "clock":
        told["boot_at"] = record.fields["boot_at"]
    for name, t in told.items():
        if is_dated(t) and not is_possible(t):
            at = datetime.datetime.fromtimestamp(t, datetime.UTC)
            raise RefusedError(f"{name} is {at:%Y-%m-%d}: that cannot be the time")
    return record


def _json(kind: str, payload: bytes) -> dict[str, Any]:
    """The fields of a status or of the live second."""
    try:
        fields = json.loads(payload)
    except (ValueError, RecursionError):
        raise RefusedError("not JSON") from None
    if not isinstance(fields, dict):
        raise RefusedError("not a JSON object")
    if fields.get("v") != messages.VERSION:
        raise RefusedError("v is not 1: this hub does not know that version")
    must_be_storable(fields)
    check(kind, fields)
    return fields
