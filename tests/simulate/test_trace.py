import json
import subprocess
import sys

import pytest
from hand_built import incident, second, stage

from noisetamer.base.errors import UserError
from noisetamer.simulate import trace


def test_what_was_written_is_read_back(tmp_path):
    with trace.Trace(tmp_path / "out") as written:
        written.extend(incident())
    assert trace.read(tmp_path / "out" / "trace.jsonl") == incident()


def test_equal_lines_give_equal_bytes_whatever_order_their_keys_came_in(tmp_path):
    for name, turned in (("a", False), ("b", True)):
        with trace.Trace(tmp_path / name) as written:
            for line in incident():
                written.add(dict(reversed(line.items())) if turned else line)
    a, b = ((tmp_path / name / "trace.jsonl").read_bytes() for name in ("a", "b"))
    assert a == b


def test_lines_are_compact_and_in_the_promised_order(tmp_path):
    with trace.Trace(tmp_path) as written:
        written.add(second(0, 52.3))
        written.add(stage(1, "green", "amber"))
        written.add({"zone": "west", "on": True, "event": "spotlight", "t": 1, "unit": "广场"})
        written.add({"t": 1, "unit": "广场", "100%s": "inf", "bands": [1.5, None]})
    assert (tmp_path / "trace.jsonl").read_text("utf-8").splitlines() == [
        '{"unit":"SIM-0001","t":1795431600,"at":"2026-11-24T19:00:00","LAeq":52.3,"LAFmax":55.3,'
        '"LCeq":null,"LCpeak":null,"valid":true,"stage":"green","limit":65.0}',
        '{"unit":"SIM-0001","t":1795431601,"at":"2026-11-24T19:00:01","event":"stage",'
        '"from":"green","to":"amber","limit":65.0,"level":70.0}',
        '{"unit":"广场","t":1,"event":"spotlight","on":true,"zone":"west"}',
        '{"unit":"广场","t":1,"100%s":"inf","bands":[1.5,null]}',
    ]


def test_a_value_that_is_no_number_never_gets_into_a_trace(tmp_path):
    with trace.Trace(tmp_path) as written, pytest.raises(ValueError):
        written.add(second(0, float("nan")))


def test_a_reader_may_follow_a_run_that_is_still_going(tmp_path):
    with trace.Trace(tmp_path) as written:
        written.add(second(0))
        written.flush()
        assert len(trace.read(tmp_path / "trace.jsonl")) == 1


def test_a_trace_cut_in_the_middle_of_a_line_is_named_with_its_line(tmp_path):
    whole = json.dumps(second(0))
    (tmp_path / "trace.jsonl").write_text(whole + "\n" + whole[:40])
    with pytest.raises(UserError, match="line 2 is not a JSON object"):
        trace.read(tmp_path / "trace.jsonl")


def test_a_missing_trace_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match=r"trace\.jsonl: cannot be read: No such file"):
        trace.read(tmp_path / "trace.jsonl")


def test_an_out_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "out").write_text("a file where the folder should be")
    with pytest.raises(UserError, match=r"cannot be written: .*choose another place"):
        trace.Trace(tmp_path / "out")


FILL_THE_DISK = """
import resource, signal, sys
from pathlib import Path
from noisetamer.base.errors import UserError
from noisetamer.simulate.trace import Trace
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    with Trace(Path(sys.argv[1])) as trace:
        for t in range(10_000):
            trace.add({"unit": "SIM-0001", "t": t})
except UserError as error:
    print(error)
"""


@pytest.mark.tools
def test_a_full_disk_is_one_sentence(tmp_path):
    command = [sys.executable, "-c", FILL_THE_DISK, str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert "cannot be written" in ran.stdout
    assert ran.stderr == ""
