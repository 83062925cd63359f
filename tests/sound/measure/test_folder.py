"""`noisetamer meter FOLDER --csv TABLE`: a row each, whatever becomes of one or of the run."""

import csv
import errno
import os
import signal
import subprocess
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from program import PROGRAM, Running, run, run_program
from sound_files import endless, measured, tone
from waiting import until

from noisetamer.sound.measure import folder

pytestmark = pytest.mark.device


def test_a_folder_is_a_row_a_recording_and_a_broken_one_is_named(
    tmp_path: Path, request: pytest.FixtureRequest
):
    place = tmp_path / "night"
    (place / "late").mkdir(parents=True)
    loud = tone(place / "b.wav", 48_000)
    tone(place / "late" / "a.flac", 44_100, dBFS=-26)
    (place / "a.wav").write_bytes(loud.read_bytes()[:30])
    (place / "._b.wav").write_bytes(b"a Mac's")
    (place / "read me.txt").write_text("not a recording")
    table = tmp_path / "no such" / "folder" / "night.csv"
    ran = run("meter", place, "--csv", table, "--full-scale-db", 120)
    assert ran.code == 2
    assert len(ran.wrong) == 1
    assert "a.wav: is not a sound file" in ran.wrong[0]
    assert "2 of 3 recordings measured" in ran.out
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == ["a.wav", "b.wav", "late/a.flac"]
    assert (rows[0]["LAeq"], "is not a sound file" in rows[0]["not_measured"]) == ("", True)
    one = measured(loud, "--full-scale-db", 120)
    assert {key: rows[1][key] for key in ("LAeq", "LCpeak", "L90", "duration_s", "kernel")} == {
        key: str(one[key]) for key in ("LAeq", "LCpeak", "L90", "duration_s", "kernel")
    }
    (place / "a.wav").unlink()
    assert run("meter", place, "--csv", table).code == 0
    whole = table.read_bytes()
    request.getfixturevalue("without_semaphores")
    assert run("meter", place, "--csv", table).code == 0
    assert table.read_bytes() == whole


def test_what_cannot_be_looked_into_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place, table = tmp_path / "night", tmp_path / "out.csv"
    closed = place / "closed"
    closed.mkdir(parents=True)
    tone(place / "a.wav", 48_000)
    (place / "gone.wav").symlink_to(tmp_path / "gone.wav")
    os.mkfifo(place / "pipe.wav")
    scandir = os.scandir

    def refused(at: Any) -> Any:
        if str(at) == str(closed):
            raise PermissionError(errno.EACCES, "Permission denied", str(at))
        return scandir(at)

    monkeypatch.setattr(os, "scandir", refused)
    ran = run("meter", place, "--csv", table)
    assert (ran.code, rows_of(table)) == (2, ["a.wav", "closed", "gone.wav", "pipe.wav"])
    assert ran.wrong == [
        f"noisetamer meter: {closed}: cannot be read: Permission denied",
        f"noisetamer meter: {place}/gone.wav: is a link to a file that is gone; give the file",
        f"noisetamer meter: {place}/pipe.wav: is not a plain file; give a sound file",
    ]


def test_a_name_that_is_no_utf_8_costs_no_table(tmp_path: Path):
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfename.wav"))
    tone(tmp_path / "a.wav", 48_000).rename(odd)
    table = tmp_path / "out.csv"
    assert run("meter", tmp_path, "--csv", table).code == 0
    with table.open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["file"], bool(row["LAeq"])) == (r"\udcff\udcfename.wav", True)


@contextmanager
def at_work(place: Path, table: Path, done: int) -> Iterator[Running]:
    """A folder's table being made, with so many rows in it."""
    running = Running("meter", place, "--csv", table)
    try:
        until(
            lambda: table.exists() and len(table.read_text().splitlines()) > done,
            f"{done} rows",
        )
        yield running
        until(lambda: not running.family(), "all its processes to end")
    finally:
        running.kill_family()


def rows_of(table: Path) -> list[str]:
    with table.open(encoding="utf-8", newline="") as file:
        return [row["file"] for row in csv.DictReader(file)]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_folder_leaves_its_rows_and_no_process(tmp_path: Path, how: int):
    place, table = tmp_path / "night", tmp_path / "out.csv"
    place.mkdir()
    tone(place / "a.wav", 48_000)
    long = endless(place / "b.wav")
    for n in range(2 * len(os.sched_getaffinity(0))):
        (place / f"c{n}.wav").hardlink_to(long)
    with at_work(place, table, 1) as running:
        if how == signal.SIGINT:
            running.ctrl_c()
        else:
            running.process.send_signal(how)
        code = running.end()
    assert rows_of(table) == ["a.wav"]
    if how == signal.SIGINT:
        assert (code, len(running.wrong)) == (130, 1)
        assert "recordings measured before it was stopped" in running.wrong[0]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one after the other on one core")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_what_is_done_out_of_its_order_is_kept_too(tmp_path: Path, how: int):
    place, table = tmp_path / "night", tmp_path / "out.csv"
    place.mkdir()
    endless(place / "a.wav")
    tone(place / "b.wav", 48_000)
    with at_work(place, table, 1) as running:
        running.process.send_signal(how)
        assert running.end() == -how
    assert rows_of(table) == ["b.wav"]


def test_rows_end_in_their_order_and_wait_for_it_in_a_pipe(tmp_path: Path):
    rows = [{"file": f"{n}.wav", "not_measured": "" if n else "why, and 静"} for n in range(3)]
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    os.mkfifo(pipe)
    with pipe.open("rb+", buffering=0) as end, file.open("wb+") as plain:
        for path, written in ((pipe, end), (file, plain)):
            with path.open("w", newline="", encoding="utf-8") as opened:
                table = folder._Table(opened, alone=True)
                for number in (2, 0):
                    table.add(number, rows[number])
                in_its_place = written.read(4096).decode().splitlines()[1:]
                table.add(1, rows[1])
                table.end()
                told = [line.split(",")[0] for line in in_its_place]
            assert told == (["0.wav"] if path == pipe else ["2.wav", "0.wav"])
    assert rows_of(file) == ["0.wav", "1.wav", "2.wav"]


def test_a_table_on_standard_output_holds_rows_alone(tmp_path: Path):
    """In a file they come after what is there, whoever wrote it."""
    tone(tmp_path / "a.wav", 48_000)
    table = tmp_path / "out.csv"
    piped = run_program("meter", tmp_path, "--csv", "/dev/stdout")
    table.write_text("of another\n")
    with table.open("a") as out:
        words = [PROGRAM, "meter", str(tmp_path), "--csv", "/dev/stdout"]
        subprocess.run(words, stdout=out, stderr=subprocess.DEVNULL, check=True)
    assert (piped.code, piped.wrong) == (0, ["/dev/stdout: 1 of 1 recordings measured"])
    assert piped.out.splitlines()[1].startswith("a.wav,")
    assert table.read_text() == f"of another\n{piped.out}"
    # Who reads no further costs no exit code.
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(words, stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert (done.returncode, done.stderr.splitlines()) == (0, piped.wrong)


def test_a_killed_worker_costs_its_file_alone(tmp_path: Path):
    place, table = tmp_path / "night", tmp_path / "out.csv"
    place.mkdir()
    tone(place / "a.wav", 48_000)
    endless(place / "b.wav")
    tone(place / "c.wav", 48_000)
    with at_work(place, table, 1) as running:

        def worker() -> int:
            """The one that has the endless file, by its descriptors."""
            for pid in running.family():
                with suppress(OSError):
                    for link in Path(f"/proc/{pid}/fd").iterdir():
                        if link.readlink().name == "b.wav":
                            return pid
            return 0

        os.kill(until(worker, "a process that reads b.wav"), signal.SIGKILL)
        code = running.end()
    assert (code, rows_of(table)) == (2, ["a.wav", "b.wav", "c.wav"])
    (said,) = running.wrong
    assert "b.wav: the process that measured it was killed (exit code -9)" in said
    assert "2 of 3 recordings measured" in running.out[0]


def test_a_worker_ends_in_order_whenever_it_is_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    """Also where Python takes no exception: what it has made is taken away."""
    made = tmp_path / "made"

    def measured_long(recording: Path) -> None:
        made.touch()
        thing = Thing()
        gone = weakref.ref(thing, lambda _: signal.raise_signal(signal.SIGTERM))
        try:
            del thing
            for _ in range(500):
                time.sleep(0.01)
        finally:
            made.unlink()
            assert gone() is None

    monkeypatch.setattr(folder, "measure", measured_long)
    worker = folder._Worker({})
    try:
        worker.begin(0, tmp_path / "a.wav")
        assert "was killed (exit code 0)" in str(worker.found())
    finally:
        worker.end()
    assert (made.exists(), capfd.readouterr().err) == (False, "")


class Thing:
    """What can be weakly referred to."""


def test_no_recording_is_overwritten_by_its_table(tmp_path: Path):
    path = tone(tmp_path / "a.wav", 48_000)
    before = path.read_bytes()
    for place in (path, tmp_path):
        ran = run("meter", place, "--csv", path)
        assert (ran.code, ran.out) == (2, "")
        assert ran.wrong == [
            f"noisetamer meter: {path}: is what is read, and would be lost; choose another place"
        ]
    assert path.read_bytes() == before


def test_a_folder_without_recordings_is_said(tmp_path: Path):
    ran = run("meter", tmp_path, "--csv", tmp_path / "out.csv")
    assert (ran.code, len(ran.wrong)) == (2, 1)
    assert "holds no recordings" in ran.wrong[0]


def test_a_folder_without_a_table_is_told_of_it(tmp_path: Path):
    ran = run("meter", tmp_path, "--json")
    assert (ran.code, len(ran.wrong)) == (2, 1)
    assert "is a folder; --csv OUT makes a table" in ran.wrong[0]
