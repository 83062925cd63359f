import errno
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hand_built import incident

from noisetamer import cli
from noisetamer.base.errors import UserError
from noisetamer.base.output import room, spare, to_be_written
from noisetamer.simulate import junit, levels_plot, panel_picture, summary
from noisetamer.simulate.levels_series import collect

WRITERS = {
    "summary.json": lambda path: summary.write({}, path),
    "report.xml": lambda path: junit.write([], path),
    "levels.png": lambda path: levels_plot.draw(*collect(incident(), 1), path, "evening_square"),
    "panel.png": lambda path: panel_picture.draw(bytes(3), 1, 1, [0], path),
}


@pytest.mark.parametrize(("name", "write"), WRITERS.items(), ids=list(WRITERS))
def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path, name, write):
    path = tmp_path / "no such folder" / name
    with pytest.raises(UserError, match="cannot be written: No such file") as refused:
        write(path)
    assert str(refused.value).startswith(f"{path}: ")


@pytest.mark.parametrize("name", ["a.wav", "../here/a.wav", "link", "hard link"])
def test_what_is_read_is_not_written_by_whatever_name(tmp_path, name):
    here = tmp_path / "here"
    here.mkdir()
    read, other = here / "a.wav", here / "b.wav"
    for file in (read, other):
        file.touch()
    (here / "link").symlink_to(read)
    (here / "hard link").hardlink_to(read)
    with pytest.raises(UserError, match="is what is read, and would be lost"):
        spare([other, read], here / "new", here / name)
    spare([read], here / "new", other)


# Writes more than a pipe holds, so that the reader is gone in the middle of it.
TALKER = """
import sys
from noisetamer.base.output import go_on_unread
go_on_unread()
for line in range(100_000):
    print("said", line)
    print("complained", line, file=sys.stderr)
sys.exit({code})
"""


@pytest.mark.tools
@pytest.mark.parametrize("code", [0, 1])
def test_the_exit_code_stays_when_nobody_reads_any_more(code):
    talking = shlex.join([sys.executable, "-c", TALKER.format(code=code)])
    shell = f"{talking} 2>&1 | head -2; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == str(code)
    assert ran.stderr == ""


@pytest.mark.tools
def test_a_closed_output_is_written_to_nobody():
    asked = shlex.join([sys.executable, "-m", "noisetamer", "board", "wiring", "esp32_s3"])
    for shell in (f"{asked} >&-", f"{asked} >&- 2>&-", f"{asked} <&- >&-"):
        ran = subprocess.run(["bash", "-c", shell], capture_output=True, text=True)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.tools
def test_a_full_disk_behind_standard_output_is_one_sentence():
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "noisetamer", "board", "wiring", "esp32_s3"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert ran.stderr.startswith("noisetamer board: /dev/stdout: cannot be written: ")
    assert ran.stderr.count("\n") == 1
    assert ran.returncode == 2


FULL = OSError(errno.ENOSPC, "No space left on device")
TEMPORARY = "no space is left, likely in {} for temporary files; free some or name another folder"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FULL, TEMPORARY),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), TEMPORARY),
        (shutil.Error([("a", "b", str(FULL))]), TEMPORARY),
        (ExceptionGroup("tasks", [ValueError(), ExceptionGroup("more", [FULL])]), TEMPORARY),
        (OSError(errno.ENOSPC, "No space left on device", "/a/b"), "/a/b: cannot be written: No "),
    ],
    ids=str,
)
def test_a_full_disk_wherever_it_is_met_is_the_users_to_mend(error: Exception, said: str):
    with pytest.raises(UserError) as told, room():
        raise error
    assert str(told.value).startswith(said.format(tempfile.gettempdir()))


@pytest.mark.parametrize("error", [OSError(errno.EACCES, "no"), ExceptionGroup("", [KeyError()])])
def test_any_other_error_stays_what_it_is(error: Exception):
    with pytest.raises(type(error)) as told, room():
        raise error
    assert told.value is error


def test_no_verb_calls_a_full_disk_a_fault_of_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def run_command(arguments) -> int:
        raise FULL

    monkeypatch.setattr("noisetamer.unit.boards.command.run_command", run_command)
    assert cli.run(["board", "check", "esp32_s3"]) == 2
    assert capsys.readouterr().err.startswith("noisetamer board: no space is left")


def test_what_is_to_be_written_is_seen_first_and_stays_as_it_was(tmp_path: Path):
    kept, new = tmp_path / "kept.json", tmp_path / "folder/new.json"
    kept.write_text("earlier")
    with pytest.raises(ValueError), to_be_written(kept), to_be_written(new):
        assert new.exists()
        raise ValueError
    assert kept.read_text() == "earlier"
    assert not new.exists()
    with (
        pytest.raises(UserError, match="cannot be written: Is a directory"),
        to_be_written(tmp_path),
    ):
        pass


@pytest.mark.tools
def test_a_pipe_is_not_opened_before_it_is_written(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with to_be_written(tmp_path / "pipe"):
        pass  # with nobody at its other end, opening it would wait for ever
    assert (tmp_path / "pipe").is_fifo()


WRITTEN = """
import os, sys
from noisetamer.base.output import go_on_unread
go_on_unread()
print("out")
print("wrong", file=sys.stderr)
os._exit(0)
"""


@pytest.mark.tools
def test_a_line_goes_out_at_once_where_python_is_asked_not_to_buffer():
    unbuffered = {**os.environ, "PYTHONUNBUFFERED": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", WRITTEN], env=unbuffered, capture_output=True, text=True
    )
    assert (ran.stdout, ran.stderr) == ("out\n", "wrong\n")
