"""What was stored comes back as the Seconds it was."""

import sqlite3
from pathlib import Path

import pytest
from stored_square import EVENING, UNIT, as_hub, as_trace, seconds

from noisetamer.base.errors import UserError
from noisetamer.hub.backtest import stored
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
    (tmp_path / "notes.txt").write_text("hello, this is no database at all")
    with pytest.raises(UserError, match=r"notes\.txt: is no store of the hub"):
        list(stored.seconds(tmp_path / "notes.txt"))
    sqlite3.connect(tmp_path / "other.sqlite").execute("CREATE TABLE minute(a)").close()
    with pytest.raises(UserError, match=r"other\.sqlite: is no store of the hub"):
        list(stored.seconds(tmp_path / "other.sqlite"))
