import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_unit import START, event, seconds, stage

from noisetamer.hub.wire import Event, Now, RefusedError, Seconds, Status, read_report

NOW = {"v": 1, "t": START, "LAeq": 683, "flags": 0, "stage": "red", "limit": 650}


def read(kind: str, report: Any):
    return read_report(f"dev.SIM-0001.{kind}", json.dumps(report).encode())


def test_each_kind_of_report_is_read():
    batch = read("seconds", seconds(7, START, [500, 510], oldest=3))
    assert isinstance(batch, Seconds)
    assert (batch.unit, batch.boot, batch.seq, batch.oldest) == ("SIM-0001", 1, 7, 3)
    assert (batch.t, batch.last, batch.levels["LAeq"]) == (START, START + 1, [500, 510])
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
    fields = {**DECISIONS[kind], "policy": "0123456789ab"}
    report = read("event", event(1, START, kind, **fields))
    assert isinstance(report, Event)
    assert (report.kind, report.fields) == (kind, fields)


@pytest.mark.parametrize("kind", DECISIONS)
def test_a_decision_with_a_field_missing_or_of_another_kind_is_refused(kind: str):
    needed = {name for name in DECISIONS[kind] if name != "volume"}
    if kind == "warning":
        needed.remove("stage")  # the hub needs it of the outcome only
    for name in needed:
        for wrong in (None, [], "no such thing", -(2**40)):
            if isinstance(wrong, str) and name == "message":
                continue
            with pytest.raises(RefusedError, match=name):
                read("event", event(1, START, kind, **{**DECISIONS[kind], name: wrong}))
    with pytest.raises(RefusedError, match="policy"):
        read("event", event(1, START, kind, **DECISIONS[kind], policy=7))


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
        ("seconds", {"LCeq": [500, -900]}, "LCeq has -900, outside"),
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
        read_report("dev.SIM-0001.seconds", body)


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
