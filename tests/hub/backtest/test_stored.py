"""What was stored comes back as the Seconds it was."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from scripted_unit import event
from stored_square import EVENING, UNIT, as_hub, as_trace, seconds

from noisetamer.base.errors import UserError
from noisetamer.hub.backtest import stored
from noisetamer.hub.backtest.told import told
from noisetamer.hub.store.writer import Store
from noisetamer.hub.wire import Event, read_report
from tamer.record.reading import GAP, missing

HEARD = [*seconds((75, 605)), missing(EVENING + 75, GAP), *seconds((3, -12), t=EVENING + 90)]


@pytest.mark.parametrize("store", [as_trace, as_hub])
def test_the_seconds_of_a_simulation_and_of_a_hub(tmp_path: Path, store):
    assert list(stored.seconds(store(tmp_path, HEARD))) == [(UNIT, second) for second in HEARD]


@pytest.mark.parametrize("store", [as_trace, as_hub])
def test_a_part_of_them(tmp_path: Path, store):
    folder = store(tmp_path, HEARD)
    found = stored.seconds(folder, UNIT, EVENING + 70, EVENING + 91)
    assert [second.t - EVENING for _, second in found] == [*range(70, 76), 90]
    assert list(stored.seconds(folder, "SIM-0002")) == []


def test_a_file_may_be_named_itself(tmp_path: Path):
    as_hub(tmp_path, HEARD)
    as_trace(tmp_path, HEARD[:5])
    assert len(list(stored.seconds(tmp_path / "hub.sqlite"))) == len(HEARD)
    assert len(list(stored.seconds(tmp_path / "trace.jsonl"))) == 5


def test_the_lines_of_a_units_own_console(tmp_path: Path):
    said = [
        "MicroPython v1.29; ESP32",
        json.dumps({"v": 1, "t": EVENING, "kind": "boot", "reset": "power"}),
        json.dumps({"t": 12, "LAeq": 600, "flags": 0}),
        *(json.dumps(dict(second._asdict())) for second in HEARD),
        json.dumps({"t": EVENING + 5, "LAeq": None, "flags": 2}),
        json.dumps({"t": EVENING + 70, "kind": "warning", "message": "polite_zh", "number": 1}),
    ]
    file = tmp_path / "pole.log"
    file.write_text("\n".join(said) + "\n")
    assert list(stored.seconds(file)) == [
        *(("pole", second) for second in HEARD),
        ("pole", missing(EVENING + 5, GAP)),
    ]
    found = list(stored.events(file))
    assert [(unit, t, kind) for unit, t, kind, _ in found] == [
        ("pole", EVENING, "boot"),
        ("pole", EVENING + 70, "warning"),
    ]
    file.write_text('{"t": 1795518000, "LAeq": "loud", "flags": 0}\n')
    with pytest.raises(UserError, match=r"pole\.log:1: is no line of a console"):
        list(stored.seconds(file))


def test_what_the_box_told_comes_out_of_a_trace_and_out_of_a_hub(tmp_path: Path):
    store = Store(as_hub(tmp_path, HEARD) / "hub.sqlite")
    # The first did not know the time yet.
    for seq, t in ((98, 5), (99, EVENING + 5)):
        told = read_report(f"dev.{UNIT}.record", event(seq, t, "relapse", after=9))
        assert isinstance(told, Event)
        store.append(0, [told])
    store.close()
    assert list(stored.events(tmp_path)) == [(UNIT, EVENING + 5, "relapse", {"after": 9})]
    assert list(stored.events(tmp_path, UNIT, 0, EVENING + 5)) == []
    assert list(stored.events(tmp_path, "SIM-0002")) == []
    folder = as_trace(tmp_path / "trace", HEARD)
    ((unit, t, kind, _),) = stored.events(folder)
    assert (unit, t, kind) == (UNIT, EVENING, "boot")


def test_units_are_kept_apart(tmp_path: Path):
    folder = as_trace(tmp_path, HEARD[:2], "A")
    rows = (folder / "trace.jsonl").read_text()
    (folder / "trace.jsonl").write_text(rows + rows.replace('"A"', '"B"'))
    assert [unit for unit, _ in stored.seconds(folder)] == ["A", "A", "B", "B"]


def test_what_holds_no_seconds_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"has neither trace\.jsonl nor hub\.sqlite"):
        list(stored.seconds(tmp_path))
    with pytest.raises(UserError, match="there is no such file or folder"):
        list(stored.seconds(tmp_path / "nowhere"))
    (tmp_path / "trace.jsonl").write_text('{"LAeq": 60.0, "t": 5}\n')
    with pytest.raises(UserError, match=r"trace\.jsonl:1: is no line of a trace"):
        list(stored.seconds(tmp_path))
    for t, level in (("1e400", "60"), ("1795518000", "99999"), ("9" * 20, "60")):
        line = f'{{"unit":"A","t":{t},"LAeq":{level},"LAFmax":1,"LCeq":1,"LCpeak":1,"valid":true}}'
        (tmp_path / "trace.jsonl").write_text(line + "\n")
        with pytest.raises(UserError, match=r"trace\.jsonl:1: is no line of a trace"):
            list(stored.seconds(tmp_path))
    (tmp_path / "notes.txt").write_text("hello, this is no database at all")
    with pytest.raises(UserError, match=r"notes\.txt: is no store of the hub"):
        list(stored.seconds(tmp_path / "notes.txt"))
    sqlite3.connect(tmp_path / "other.sqlite").execute("CREATE TABLE minute(a)").close()
    with pytest.raises(UserError, match=r"other\.sqlite: is no store of the hub"):
        list(stored.seconds(tmp_path / "other.sqlite"))


def test_a_damaged_store_is_one_sentence(tmp_path: Path):
    file = as_hub(tmp_path, HEARD) / "hub.sqlite"
    with closing(sqlite3.connect(file)) as store:
        store.execute("UPDATE minute SET LAeq=x'0102'")
        store.commit()
    with pytest.raises(UserError, match="is damaged"):
        list(stored.seconds(tmp_path))
    file.write_bytes(file.read_bytes()[:6000])
    with pytest.raises(UserError, match=r"is damaged \(database disk image is malformed\)"):
        list(stored.seconds(tmp_path))


def test_an_event_that_lacks_a_field_is_none():
    events = [(EVENING, kind, {}) for kind in ("stage", "resumed", "warning", "hand-over")]
    events += [(EVENING, "stage", {"to": "blue"}), (EVENING, "hand-over", {"to": ["police"]})]
    did = told(events)
    assert (did.stages, did.spoken, did.escalations, did.events) == ([], [], [], 6)
