"""What workers tell hubs of what they stored, on the subject `stored`: `Stored`, in messages.

It is news, no store: whoever was not there reads the database. A batch may be told in several
messages, each a `Stored` of its own.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from noisetamer.hub.store.chain_findings import Finding
from noisetamer.hub.store.refusals import Refusal
from noisetamer.hub.store.writer import Ack, Stored
from noisetamer.hub.wire import Event, Name, Record, Status, read_record

SUBJECT = "stored"
LARGEST = 12 * 1024
"""Bytes of a message; what brokers take is more."""

_VERSION = 1
_OF_RECORDS = ("fresh", "dated")
_OF_REFUSALS = ("refused", "told", "turned_away")


def messages(stored: Stored) -> Iterator[bytes]:
    """The batch, in one or more pieces."""
    head = json.dumps({"v": _VERSION, "received": stored.received})[:-1]
    found: list[str] = []
    size = 0
    for item in _items(stored):
        text = json.dumps(item, separators=(",", ":"))
        if found and size + len(text) > LARGEST:
            yield _message(head, found)
            found, size = [], 0
        found.append(text)
        size += len(text) + 1
    if found:
        yield _message(head, found)


def stored_of(message: bytes) -> Stored:
    """What a message tells. Raises ValueError for what is none of ours."""
    try:
        whole = json.loads(message)
        if whole["v"] != _VERSION:
            raise ValueError(f"version {whole['v']!r} of what workers tell is not known here")
        stored = Stored(received=float(whole["received"]))
        for kind, *told in whole["items"]:
            _take(stored, kind, told)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not what a worker tells ({error})") from None
    return stored


def _message(head: str, items: list[str]) -> bytes:
    return f'{head}, "items": [{",".join(items)}]}}'.encode()


def _items(stored: Stored) -> Iterator[list[Any]]:
    for kind in _OF_RECORDS:
        for record in getattr(stored, kind):
            yield [kind, *_record(record, kind == "dated")]
    for status in stored.statuses:
        yield ["status", status.unit, status.online, status.fields]
    for ack in stored.acks:
        yield ["ack", ack.unit, ack.boot, ack.seq]
    for kind in _OF_REFUSALS:
        for one in getattr(stored, kind):
            name = [one.name.boot, one.name.seq, *one.name.gone] if one.name else None
            yield [kind, one.subject, one.reason, name, one.conflict]
    for finding in stored.chain:
        yield ["chain", asdict(finding)]


def _record(record: Record, dated: bool) -> list[Any]:
    links = [_text(record.follows), _text(record.link)]
    # a date that was found later is not in the record's own bytes
    fields = record.fields if dated and isinstance(record, Event) else None
    return [record.unit, *record.gone, record.t, _text(record.body), *links, fields]


def _take(stored: Stored, kind: str, told: list[Any]) -> None:
    if kind in _OF_RECORDS:
        unit, after, before, t, body, follows, link, fields = told
        record = read_record(unit, (after, before), base64.b64decode(body))
        record = replace(record, t=t, follows=_bytes(follows), link=_bytes(link))
        if fields is not None and isinstance(record, Event):
            record = replace(record, fields=fields)
        getattr(stored, kind).append(record)
    elif kind == "status":
        stored.statuses.append(Status(*told, body=b""))
    elif kind == "ack":
        stored.acks.append(Ack(*told))
    elif kind in _OF_REFUSALS:
        subject, reason, name, conflict = told
        named = Name(name[0], name[1], (name[2], name[3])) if name else None
        getattr(stored, kind).append(Refusal(subject, reason, b"", named, conflict))
    elif kind == "chain":
        stored.chain.append(Finding(**told[0]))


def _text(content: bytes | None) -> str | None:
    return None if content is None else base64.b64encode(content).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
