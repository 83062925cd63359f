"""Every report that the hub refuses: one for each reason it has in `wire` and `wire_checks`."""

import json
import struct
from typing import Any

from scripted_unit import START

from tamer.record import encoding
from tamer.record.reading import MISSING, Second

_SECOND = Second(START, 500, 520, 580, 680, 0)


def records(boot: int) -> dict[str, bytes]:
    """{what is wrong: the message}: each is of sequence 1 of that boot, by its head."""

    def body(code: int, payload: bytes | bytearray, t: int = START) -> bytes:
        return encoding.enveloped(0, encoding.record(code, boot, 1, t, bytes(payload)))

    def seconds(*batch: Second) -> bytes:
        return body(encoding.SECONDS, encoding.of_seconds(batch))

    def event(kind: Any, **fields: Any) -> bytes:
        return body(encoding.EVENT, encoding.of_event(kind, fields))

    stage = {"from": "green", "to": "red", "limit": 650, "level": 671}
    return {
        "envelope of a later version": b"\x09" + seconds(_SECOND)[1:],
        "code of a later record": body(7, b"whatever it will hold"),
        "longer than any": event("tilted", why="x" * 5000),
        "no seconds": seconds(),
        "half a second": seconds(_SECOND)[:-5],
        "too many seconds": seconds(*[_SECOND] * 11),
        "seconds after the end of time": body(
            encoding.SECONDS, encoding.of_seconds([_SECOND]), 2**32 - 1
        ),
        "time that cannot be": event("clock", boot_at=3_786_912_000, source="ntp"),
        "level of 800 dB": seconds(_SECOND._replace(LAeq=8000)),
        "reason of a later firmware": seconds(_SECOND._replace(flags=15)),
        "valid without a level": seconds(_SECOND._replace(LAeq=MISSING)),
        "no event": body(encoding.EVENT, b"no JSON"),
        "deep JSON": body(encoding.EVENT, b"[" * 3000),
        "JSON for Python only": body(encoding.EVENT, b'["tilted",{"by":NaN}]'),
        "no kind": event(""),
        "stage to itself": event("stage", **{**stage, "to": "green"}),
        "unknown stage": event("stage", **{**stage, "to": "purple"}),
        "unknown stage of a thousand letters": event("stage", **{**stage, "to": "purple" * 200}),
        "no integer": event("stage", **{**stage, "limit": "65"}),
        "integer out of range": event("relapse", after=-1),
        "no boolean": event("spotlight", on=1),
        "no text": event("boot", reset=3),
        "no table": event("boot", reset="power on", unspoken=["polite"]),
        "no list": event("doctor", findings="loose wire"),
        "list too long": event("doctor", findings=["loose wire"] * 33),
    }


def nameless() -> dict[str, tuple[str, bytes]]:
    """{what is wrong: (topic, message)} of what is no record, or has no name."""
    record, status = "dev/SIM-0001/record", "dev/SIM-0001/status"
    zero = encoding.record(encoding.SECONDS, 1, 0, START, encoding.of_seconds([_SECOND]))
    now = {"t": START, "LAeq": 500, "flags": 15, "stage": "red", "limit": 650, "speaking": False}
    return {
        "empty": (record, b""),
        "no head": (record, struct.pack(encoding.ENVELOPE, 2, 1) + b"\x01"),
        "sequence 0": (record, encoding.enveloped(0, zero)),
        "status not JSON": (status, b"online"),
        "status no object": (status, b"[]"),
        "status of a later version": (status, b'{"v":2,"online":true}'),
        "live second of no reason": ("dev/SIM-0001/now", json.dumps({"v": 1, **now}).encode()),
        "unknown kind of report": ("dev/SIM-0001/mood", b"{}"),
        "no unit": ("dev/box 1/record", b""),
    }
