"""Other meters: rows of meters.toml, CSV files, levels typed in, a unit's console lines."""

import json
import os
import queue
import re
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
import serial
from waiting import DEADLINE

from noisetamer.base.errors import UserError
from noisetamer.workshop.calibrate.side_by_side import unit_levels
from noisetamer.workshop.calibrate.side_by_side.meters import (
    exported_file,
    serial_meter,
    typed_levels,
)
from noisetamer.workshop.calibrate.side_by_side.meters.reading_thread import ReadingThread
from noisetamer.workshop.calibrate.side_by_side.meters.serial_meter import SHIPPED, Driver
from noisetamer.workshop.calibrate.unit.instrument import HeardSecond

EVENING = datetime(2026, 11, 23, 19, 0, 0).timestamp()


@contextmanager
def said(*lines: str, patience: float = DEADLINE) -> Iterator[serial.Serial]:
    """A port whose meter has said these lines, and then nothing. patience: s for each."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    try:
        with serial.Serial(os.ttyname(theirs), 9600, timeout=patience) as port:
            os.write(ours, "".join(f"{line}\r\n" for line in lines).encode())
            yield port
    finally:
        os.close(ours)
        os.close(theirs)


def levels(port: serial.Serial, driver: Driver, number: int) -> list[float]:
    clock = count()
    told = serial_meter.readings(port, driver, lambda: float(next(clock)))
    return [level for _, level in islice(told, number)]


def test_any_meter_that_prints_a_number_a_line_is_read():
    lines = serial_meter.drivers(SHIPPED)["lines"]
    with said("SLM v2", "63.4 dBA", "level= 100.2", "058.7") as port:
        assert levels(port, lines, 3) == [63.4, 100.2, 58.7]


def test_another_calibrated_unit_can_be_the_reference():
    unit = serial_meter.drivers(SHIPPED)["noisetamer"]
    second = '{"v":1,"t":1795431600,"LAeq":%d,"LAFmax":700,"LCeq":1,"LCpeak":1,"flags":%d,"x":1}'
    with said('{"kind":"boot"}', second % (612, 0), second % (900, 6), second % (634, 0)) as port:
        assert levels(port, unit, 2) == [61.2, 63.4]
    assert unit.time_weighting == "1s"


def test_a_meter_that_only_answers_is_asked():
    driver = Driver("", 9600, re.compile(r"(?P<level>\d+\.\d)"), "L?\r", 1.0, "slow")
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    with serial.Serial(os.ttyname(theirs), 9600, timeout=DEADLINE) as port:
        os.write(ours, b"61.5\n")
        assert levels(port, driver, 1) == [61.5]
        assert os.read(ours, 99).startswith(b"L?\r")
    os.close(ours)
    os.close(theirs)


def test_lines_without_a_level_end_in_a_sentence():
    lines = serial_meter.drivers(SHIPPED)["lines"]
    with (
        said("ready", "ready", patience=0.01) as port,
        pytest.raises(UserError, match="check --meter"),
    ):
        levels(port, lines, 1)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("[m]\nbaud = 9600", "pattern is no regular expression"),
        ("[m]\npattern = '(?P<level'", "pattern is no regular expression"),
        ("[m]\npattern = '.*'", "pattern needs a group"),
        ("[m]\npattern = '(?P<level>.)'\nbaud = 'fast'", "baud and every must be numbers"),
        ("[m]\npattern = '(?P<level>.)'\ntime_weighting = 'F'", "must be one of fast, slow, 1s"),
        ("[m]\nspeed = 1", "speed means nothing"),
        ("m = 1", "is no table"),
        ("[m", "is not valid TOML"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, row: str, says: str):
    path = tmp_path / "meters.toml"
    path.write_text(row)
    with pytest.raises(UserError, match=says) as refused:
        serial_meter.drivers(path)
    assert str(refused.value).startswith(f"{path}: ")


CSVS = {
    "iso": "time,level\n2026-11-23T19:00:05,63.4\n2026-11-23T19:00:06.5,64\n",
    "of dt8852": "timestamp,dB(A)\n2026-11-23T19:00:05,63.4\n2026-11-23T19:00:06.5,64.0\n",
    "clock": "19:00:05,63.4\n19:00:06,64.0\n",
    "unix": f"{EVENING + 5},63.4\n{EVENING + 6},64\n",
}


@pytest.mark.parametrize("form", CSVS)
def test_a_csv_is_read_in_every_form_of_time(tmp_path: Path, form: str):
    path = tmp_path / "meter.csv"
    path.write_text(CSVS[form])
    table, found = exported_file.read(path, "slow", near=EVENING)
    assert found.times - EVENING == pytest.approx([5.0, 6.0], abs=0.5)
    assert found.dB.tolist() == [63.4, 64.0]
    assert "2 readings" in table.taken


def test_a_clock_time_after_midnight_is_of_the_next_day(tmp_path: Path):
    path = tmp_path / "meter.csv"
    path.write_text("00:00:10,63.4\n00:00:11,63.5\n")
    near = datetime(2026, 11, 23, 23, 59, 0).timestamp()
    _, found = exported_file.read(path, "slow", near)
    assert found.times == pytest.approx([near + 70.0, near + 71.0])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("time,dB(C)\n1,60\n2,61\n", r"holds dB\(C\), not LAeq: set the meter to dB\(A\)"),
        ("time,LAeq\n1,60\n2,loud\n", "1 of 2 lines hold a reading of LAeq"),
        ("time,level\n1,650\n2,660\n", "beyond 10 to 150 dB, such as 650"),
        ("time,LAS\n1,60\n2,61\n", "holds LAS, not LAeq: export LAeq too"),
        ("time,LAeq\n60,60\n120,61\n180,62\n", "a reading every 60 s, nothing to calibrate"),
        (
            "time,LAeq\n0.1,60\n0.2,61\n0.3,62\n",
            "0.1 s in LAeq make 0 whole seconds, .*: export LAeq of each",
        ),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str, says: str):
    path = tmp_path / "meter.csv"
    path.write_text(content)
    with pytest.raises(UserError, match=says) as refused:
        exported_file.read(path, "1s", 0.0)
    assert str(refused.value).startswith(str(path))


def test_a_recording_that_does_not_say_when_it_began_is_asked_for_it(tmp_path: Path):
    path = tmp_path / "meter.csv"
    path.write_text("2026-11-23 19:00:01,63.4\n2026-11-23 19:00:02,63.5\n")
    with pytest.raises(UserError, match=r"say --begins .* such as 2026-11-23T19:00:00"):
        exported_file.read(path, "slow", None)


def test_typed_levels_have_the_time_of_enter():
    complaints: list[str] = []
    clock = iter([10.0, 15.0, 20.0])
    found = list(
        typed_levels.typed(["63.4\n", "hm\n", "64,1\n"], complaints.append, lambda: next(clock))
    )
    assert found == [(10.0, 63.4), (20.0, 64.1)]
    assert complaints == ["'hm' is no level in dB(A), such as 63.4"]


def second(t: int, LAeq: int, flags: int = 0) -> str:
    return json.dumps({"v": 1, "t": t, "LAeq": LAeq, "flags": flags})


def test_a_unit_s_console_lines_are_its_levels(tmp_path: Path):
    path = tmp_path / "unit.jsonl"
    spoke, clock_unset = 6, 8
    path.write_text(
        "\n".join(
            [
                '{"kind":"boot","t":99}',
                second(100, 612),
                "MicroPython v1.29",
                second(101, 700, spoke),
                second(103, 640, clock_unset),
            ]
        )
    )
    found = unit_levels.of_console(path)
    assert (found.begin, found.step) == (100.0, 1.0)
    np.testing.assert_array_equal(found.dB, [61.2, np.nan, np.nan, 64.0])


def test_a_file_without_seconds_is_named(tmp_path: Path):
    path = tmp_path / "unit.log"
    path.write_text("hello\n")
    with pytest.raises(UserError, match="holds no seconds"):
        unit_levels.of_console(path)


def heard(at: float) -> HeardSecond:
    return HeardSecond(
        at, *(np.full(8, 60.0) for _ in range(3)), overloaded=False, wave=np.zeros(1)
    )


def test_a_meter_is_read_while_the_unit_is_heard():
    told: queue.Queue[tuple[float, float]] = queue.Queue()
    collected = ReadingThread(iter(told.get, None))
    for second in collected.beside(heard(float(t)) for t in range(3)):
        told.put((second.at + 0.5, 61.0))
    found = collected.readings()
    assert set(found.times) <= {0.5, 1.5, 2.5}
    assert set(found.dB) == {61.0}


def test_a_meter_that_falls_silent_ends_the_run_with_its_reason():
    def silent() -> Iterator[tuple[float, float]]:
        yield 0.0, 60.0
        raise UserError("the meter says nothing")

    with pytest.raises(UserError, match="the meter says nothing"):
        for _ in ReadingThread(silent()).beside(heard(0.0) for _ in count()):
            pass


def test_a_meter_whose_cable_is_pulled_is_named():
    def pulled() -> Iterator[tuple[float, float]]:
        yield 0.0, 60.0
        raise serial.SerialException("device disconnected")

    with pytest.raises(UserError, match=r"port is gone \(device disconnected\)"):
        for _ in ReadingThread(pulled()).beside(heard(0.0) for _ in count()):
            pass
