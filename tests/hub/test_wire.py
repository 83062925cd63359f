import ast
import json
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import poison
import pytest
import scripted_unit
from hypothesis import given
from hypothesis import strategies as st
from scripted_unit import START

from noisetamer.hub import wire, wire_checks
from noisetamer.hub.wire import (
    Event,
    Name,
    Now,
    RefusedError,
    Seconds,
    Status,
    name_of,
    read_report,
)
from noisetamer.hub.wire_v1 import read_stored
from tamer.hear.kernel.meter import level
from tamer.record import encoding, events, fields
from tamer.record.reading import MICROPHONE, Second

NOW = {"v": 1, "t": START, "LAeq": 683, "flags": 0, "stage": "red", "limit": 650}
LEVELS = ("LAeq", "LAFmax", "LCeq", "LCpeak")


def seconds(seq: int, t: int, LAeq: list[int], *, oldest: int = 1) -> dict[str, Any]:
    """As boxes told them when records were JSON: hubs have such bodies in their stores."""
    key = {"v": 1, "b": 1, "s": seq, "o": oldest, "t": t}
    levels = {name: [level + 20 * i for level in LAeq] for i, name in enumerate(LEVELS)}
    return {**key, **levels, "flags": [0] * len(LAeq)}


def event(seq: int, t: int, kind: str, **told: Any) -> dict[str, Any]:
    return {"v": 1, "b": 1, "s": seq, "o": 1, "t": t, "kind": kind, **told}


def stage(seq: int, t: int, before: str, after: str) -> dict[str, Any]:
    return event(seq, t, "stage", **{"from": before, "to": after, "limit": 650, "level": 671})


def read(kind: str, report: Any):
    """A report that is JSON, or a record that was when it was stored."""
    body = json.dumps(report).encode()
    if kind in ("seconds", "event"):
        return read_stored("SIM-0001", body)
    return read_report(f"dev.SIM-0001.{kind}", body)


def read_event(kind: str, told: dict[str, Any]) -> Event:
    """Of a record as boxes send it."""
    report = read_report("dev.SIM-0001.record", scripted_unit.event(1, START, kind, **told))
    assert isinstance(report, Event)
    return report


def test_each_kind_of_report_is_read():
    batch = read("seconds", seconds(7, START, [500, 510], oldest=3))
    assert isinstance(batch, Seconds)
    assert (batch.unit, batch.boot, batch.seq, batch.gone) == ("SIM-0001", 1, 7, (0, 3))
    assert (batch.t, batch.last, [s.LAeq for s in batch.seconds]) == (START, START + 1, [500, 510])
    change = read("event", stage(8, START, "green", "amber"))
    assert isinstance(change, Event)
    assert change.fields == {"from": "green", "to": "amber", "limit": 650, "level": 671}
    assert isinstance(read("status", {"v": 1, "online": False}), Status)
    assert isinstance(read("now", {**NOW, "speaking": False}), Now)


def test_an_event_of_newer_firmware_is_kept_as_it_is():
    report = read("event", event(1, START, "tilted", degrees=12))
    assert isinstance(report, Event)
    assert (report.kind, report.fields) == ("tilted", {"degrees": 12})


DECISIONS: dict[str, dict[str, Any]] = {
    "stage": {"from": "red", "to": "polite", "limit": 650, "level": 671},
    "warning": {"message": "polite_zh", "number": 1, "volume": -6, "stage": "polite"},
    "spoken": {"message": "polite_zh", "number": 1},
    "outcome": {
        "message": "polite_zh",
        "stage": "polite",
        "number": 1,
        "effective": False,
        "after": 3,
    },
    "hand-over": {"to": "leader", "ineffective": 5, "limit": 650, "level": 671},
    "relapse": {"after": 312},
    "sudden": {"LAFmax": 741, "limit": 700},
    "resumed": {"stage": "firm", "away": 4},
}


@pytest.mark.parametrize("kind", DECISIONS)
def test_every_decision_of_a_box_is_read_with_the_policy_it_was_made_by(kind: str):
    told = {**DECISIONS[kind], "policy": "0123456789ab"}
    report = read("event", event(1, START, kind, **told))
    assert isinstance(report, Event)
    assert (report.kind, report.fields) == (kind, told)
    assert read_event(kind, told).fields == told


@pytest.mark.parametrize("kind", DECISIONS)
def test_a_decision_with_a_field_missing_or_of_another_kind_is_refused(kind: str):
    needed = {name for name in DECISIONS[kind] if name != "volume"}
    if kind == "warning":
        needed.remove("stage")  # the hub needs it of the outcome only
    for name in needed:
        for wrong in (None, [], "no such thing", -(2**40)):
            if isinstance(wrong, str) and name == "message":
                continue
            told = {**DECISIONS[kind], name: wrong}
            with pytest.raises(RefusedError, match=name):
                read("event", event(1, START, kind, **told))
            with pytest.raises(RefusedError, match=name):
                read_event(kind, told)
    with pytest.raises(RefusedError, match="policy"):
        read("event", event(1, START, kind, **DECISIONS[kind], policy=7))
    with pytest.raises(RefusedError, match="policy"):
        read_event(kind, {**DECISIONS[kind], "policy": 7})


def test_a_reason_that_only_newer_firmware_knows_is_taken():
    told = {"up": False, "reason": "satellite below the horizon"}
    assert read_event("link", told).fields == told


def test_a_change_from_a_stage_to_itself_is_refused():
    with pytest.raises(RefusedError, match="from and to are both red"):
        read("event", stage(1, START, "red", "red"))


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("seconds", {"v": 2}, "v is not 1"),
        ("seconds", {"s": 0}, "s is 0, outside 1"),
        ("seconds", {"s": True}, "s is missing or no integer"),
        ("seconds", {"b": None}, "b is missing or no integer"),
        ("seconds", {"t": -1}, "t is -1, outside 0"),
        ("seconds", {"flags": [0]}, "LAeq has 2 values, flags has 1"),
        ("seconds", {"LAeq": []}, "LAeq has 0 values"),
        ("seconds", {"LAeq": [500, 6.5]}, "LAeq is missing or no list of integers"),
        ("seconds", {"LAeq": [500, 5000]}, "LAeq has 5000, outside"),
        ("seconds", {"LCeq": [500, -9000]}, "LCeq has -9000, outside"),
        ("seconds", {"LAeq": [500, -32768]}, "flagged valid but has no LAeq"),
        ("seconds", {"flags": [0, 15]}, "flags has 15: no such reason"),
        ("event", {"from": "blue"}, "from is 'blue', none of green"),
        ("event", {"to": ["red"]}, r"to is \['red'\], none of green"),
        ("event", {"kind": ""}, "kind is missing or no text"),
        ("event", {"kind": "a\u202eb"}, "kind is missing or no text"),
        ("event", {"limit": None}, "limit is missing"),
        ("status", {"online": 1}, "online is missing or neither true nor false"),
        ("now", {"stage": "loud"}, "stage is 'loud'"),
        ("other", {}, "'other' is no kind of report"),
    ],
)
def test_what_is_wrong_is_refused_with_its_reason(kind: str, change: Any, reason: str):
    good = {
        "seconds": seconds(1, START, [500, 500]),
        "event": stage(1, START, "green", "red"),
        "status": {"v": 1, "online": True},
        "now": {**NOW, "speaking": False},
        "other": {"v": 1},
    }
    with pytest.raises(RefusedError, match=reason):
        read(kind, {**good[kind], **change})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"v":NaN}',
        b'{"v":1,"x":"\\ud800"}',
        b"[" * 4000,
        b" " * 5000,
        b"1" * 4096,
    ],
)
def test_what_is_no_json_object_is_refused(body: bytes):
    with pytest.raises(RefusedError):
        read_stored("SIM-0001", body)
    for kind in ("record", "status", "now"):
        with pytest.raises(RefusedError):
            read_report(f"dev.SIM-0001.{kind}", body)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    kind=st.sampled_from(["seconds", "event", "status", "now"]),
    name=st.sampled_from(
        ["v", "b", "s", "o", "t", "kind", "LAeq", "flags", "from", "to", "level"]
    ),
    value=values,
)
def test_no_value_in_any_field_can_do_more_than_be_refused(kind: str, name: str, value: Any):
    good = {**seconds(1, START, [500]), **stage(1, START, "green", "red"), "online": True}
    try:
        read(kind, {**good, name: value})
    except RefusedError as refused:
        assert str(refused)


def read_seconds(batch: list[Second], **head: int) -> Any:
    at = {"code": encoding.SECONDS, "boot": 1, "sequence": 1, "t": START, **head}
    record = encoding.record(**at, payload=encoding.of_seconds(batch))
    return read_report("dev.SIM-0001.record", encoding.enveloped(0, record))


SECOND = Second(START, 500, 520, 580, 680, 0)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"LAeq": 5000}, "LAeq has 5000, outside -6000 to 2000"),
        ({"LCeq": -9000}, "LCeq has -9000, outside -6000 to 2000"),
        ({"LAeq": -32768}, "flagged valid but has no LAeq"),
        ({"flags": 15}, "flags has 15: no such reason"),
    ],
)
def test_a_second_that_cannot_be_is_refused(change: dict[str, int], reason: str):
    with pytest.raises(RefusedError, match=reason):
        read_seconds([SECOND, SECOND._replace(**change)])


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ({"sequence": 0}, "s is 0, outside 1"),
        ({"code": 99}, "code is 99: this hub does not know"),
        ({"t": 2**32 - 1}, "t is 4294967295, outside 0"),
    ],
)
def test_a_head_that_cannot_be_is_refused(head: dict[str, int], reason: str):
    with pytest.raises(RefusedError, match=reason):
        read_seconds([SECOND], **head)


def test_the_record_of_a_capsule_that_died_is_taken_with_the_good_seconds_in_it():
    least = level(2.0**-149, full_scale=120)  # the smallest that single precision holds
    dead = SECOND._replace(t=START + 1, LAeq=least, LAFmax=least, flags=MICROPHONE)
    assert read_seconds([SECOND, dead]).seconds == [SECOND, dead]


def test_no_seconds_or_more_than_a_unit_sends_at_once_are_refused():
    with pytest.raises(RefusedError, match="no whole seconds"):
        read_seconds([])
    with pytest.raises(RefusedError, match="11 seconds, 1 to 10 are allowed"):
        read_seconds([SECOND] * 11)


def test_a_message_cut_short_anywhere_or_of_another_version_is_refused():
    for whole in (
        scripted_unit.seconds(1, START, [500]),
        scripted_unit.stage(1, START, "green", "red"),
    ):
        for length in range(len(whole)):
            with pytest.raises(RefusedError):
                read_report("dev.SIM-0001.record", whole[:length])
        with pytest.raises(RefusedError, match="envelope of version 9"):
            read_report("dev.SIM-0001.record", b"\x09" + whole[1:])


def test_the_same_record_has_the_same_bytes_however_often_and_whenever_it_is_sent():
    for made in (
        lambda oldest: scripted_unit.seconds(7, START, [500] * 10, oldest=oldest),
        lambda oldest: scripted_unit.event(7, START, "relapse", after=3, oldest=oldest),
    ):
        first, again = (read_report("dev.SIM-0001.record", made(oldest)) for oldest in (3, 7))
        assert isinstance(first, Seconds | Event) and isinstance(again, Seconds | Event)
        assert (first.gone, again.gone) == ((0, 3), (0, 7))
        assert first.body == again.body


def test_what_is_stored_is_read_again_whichever_hub_stored_it():
    sent = read_report("dev.SIM-0001.record", scripted_unit.seconds(7, START, [500, 510]))
    before = read("seconds", seconds(7, START, [500, 510]))
    for stored in (sent, before):
        assert isinstance(stored, Seconds)
        again = read_stored("SIM-0001", stored.body)
        assert isinstance(again, Seconds)
        assert [second.LAeq for second in again.seconds] == [500, 510]


def test_an_event_that_is_json_for_python_only_is_refused():
    for told in ({"x": float("nan")}, {"x": "\ud800"}):
        with pytest.raises(RefusedError, match="not JSON"):
            read_event("tilted", told)


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_an_event_in_another_coding_than_utf_8_is_refused(coding: str):
    """Python reads it; whoever verifies evidence would call it false."""
    body = encoding.record(encoding.EVENT, 1, 1, START, '["spotlight",{"on":true}]'.encode(coding))
    with pytest.raises(RefusedError):
        wire.read_record("NT-0001", (0, 1), body)


def test_each_field_of_each_kind_has_a_meaning():
    tables = {**events.KINDS, **fields.REPORTS}
    for kind, names in tables.items():
        for name in names:
            assert fields.field(kind, name).meaning
        assert set(fields.OPTIONAL.get(kind, ())) <= set(names)
    for names in fields.COMMANDS.values():
        assert set(names) <= set(fields.FIELDS)


@given(st.binary(max_size=200))
def test_no_bytes_at_all_can_do_more_than_be_refused(payload: bytes):
    head = encoding.enveloped(0, b"\x02\x01\0\0\0\x01\0\0\0\0\0\0\0")
    for message in (payload, head + payload):
        try:
            read_report("dev.SIM-0001.record", message)
        except RefusedError as refused:
            assert str(refused)


def raised_in(error: BaseException) -> tuple[str, int]:
    """File and line of the `raise`."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return Path(frame.filename).name, frame.lineno or 0


def refusing_lines(module: ModuleType) -> set[tuple[str, int]]:
    """File and line of each `raise RefusedError`."""
    file = Path(module.__file__ or "")
    return {
        (file.name, node.lineno)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise) and "RefusedError" in ast.unparse(node)
    }


def test_there_is_a_poison_for_each_reason_to_refuse_a_report():
    sent = [("dev/SIM-0001/record", message) for message in poison.records(1).values()]
    raised = set()
    for topic, message in (*sent, *poison.nameless().values()):
        with pytest.raises(RefusedError) as refused:
            read_report(topic.replace("/", "."), message)
        raised.add(raised_in(refused.value))
    assert raised == refusing_lines(wire) | refusing_lines(wire_checks)


def test_a_refused_record_keeps_its_name():
    for what, message in poison.records(boot=9).items():
        name = name_of("dev.SIM-0001.record", message)
        assert name == Name(9, 1, (0, 1)), what
    for what, (topic, message) in poison.nameless().items():
        assert name_of(topic.replace("/", "."), message) is None, what
