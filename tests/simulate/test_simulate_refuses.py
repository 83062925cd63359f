"""What the user can mend is one sentence on standard error and exit code 2."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from program import run, run_program

pytestmark = pytest.mark.e2e

SQUARE = """
start = 2026-11-24T19:00:00
duration = "10m"

[[source]]
name = "music"
sound = "{sound}"
level = "{level}"
distance = "10 m"
{more}
"""


def square(folder: Path, more: str = "", sound: str = "music", level: str = "90 dB") -> Path:
    path = folder / "square.toml"
    path.write_text(SQUARE.format(sound=sound, level=level, more=more))
    return path


def refusal(*words: object) -> str:
    """The one sentence of a run that is refused."""
    ran = run("simulate", *words)
    (sentence,) = ran.wrong
    assert (ran.code, ran.out) == (2, "")
    assert sentence.startswith("noisetamer simulate: ")
    return sentence.removeprefix("noisetamer simulate: ")


def test_the_program_itself_says_one_sentence_and_no_traceback():
    ran = run_program("simulate", "evening_sqare")
    assert (ran.code, ran.out) == (2, "")
    assert ran.wrong == [
        "noisetamer simulate: There is no scenario evening_sqare; did you mean evening_square? "
        "A file of your own needs its path, ending in .toml."
    ]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--units", "0"], "--units 0: give a number from 1 to 999."),
        (["--units", "1000"], "--units 1000: give a number from 1 to 999."),
        (
            ["--fault", "hub-silent", "0s", "1m"],
            "hub-silent happens on the way to a hub, and this run has none; leave it out.",
        ),
        (["--seed", "-1"], "--seed -1: give a number from 0 on."),
        (["--seeds", "1-20"], "--seeds 1-20: write it like 1..20, or like 3,7,10..12."),
        (["--seeds", "9..3"], "--seeds 9..3: write the smaller one first, 3..9."),
        (["--until", "0s"], "--until 0s: give at least 1s."),
        (["--until", "0.5s"], "--until 0.5s: give at least 1s."),
        (["--until", "soon"], '--until: "soon" is not a time span: write it like "20m", '),
        (["--until", "20"], '--until: "20" is not a time span: write it like "20m", '),
        (["--until", ""], "--until: is not a quantity: write it in quotes, "),
        (["--speed", "0"], "--speed 0: give a factor from 0.01 to 10000."),
        (["--speed", "nan"], "--speed nan: give a factor from 0.01 to 10000."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_impossible_option(options: list[str], sentence: str):
    assert refusal("quiet_night", *options).startswith(sentence)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"more": '[[group]]\nname = "a"\nsources = ["music"]\ndelay = ["1 s", "8 s"]'},
            "[[group]] a: delay begins at 1 s; nobody reacts sooner than after 2 s.",
        ),
        ({"more": 'volum = "3 dB"'}, "[[source]] music: unknown key volum; did you mean volume?"),
        ({"level": "90"}, '[[source]] music: level "90" has no unit: write it like "75 dB".'),
        ({"level": "90 m"}, 'level "90 m" has the unit "m" where dB or dB(A) or dBA is needed'),
        ({"level": "900 dB"}, 'level "900 dB" is impossible here: give -20 to 180 dB.'),
        ({"sound": "musik"}, 'sound "musik" is unknown; did you mean music?'),
        ({"more": "[expect]\nwarning = [0, 1]"}, "[expect] has the unknown key warning; did you"),
        ({"more": '[expect]\nends_in = "blue"'}, "[expect] ends_in is 'blue', but a stage is one"),
        ({"more": "= 3"}, "square.toml: is not valid TOML: invalid statement (at line 10"),
    ],
    ids=lambda value: "" if isinstance(value, str) else "-".join(value),
)
def test_a_scenario_that_cannot_be_meant(tmp_path: Path, changed, sentence: str):
    assert sentence in refusal(square(tmp_path, **changed))


def test_no_scenario_at_all():
    assert refusal() == "name a scenario, shipped or a file, or say --all; see --help."


def test_a_scenario_file_that_is_not_there(tmp_path: Path):
    path = tmp_path / "square.toml"
    sentence = f"The scenario file {path} does not exist; check the path."
    assert refusal(path) == sentence


def missing(path: Path) -> None:
    pass


def text(path: Path) -> None:
    path.write_text("la la la\n" * 99)


def cut_short(path: Path) -> None:
    soundfile.write(path, np.full(48_000, 0.1), 48_000)
    path.write_bytes(path.read_bytes()[:20])


def silence(path: Path) -> None:
    soundfile.write(path, np.zeros(48_000), 48_000)


def a_click(path: Path) -> None:
    soundfile.write(path, np.full(480, 0.1), 48_000)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (missing, '"song.wav" does not exist (looked in '),
        (text, '"song.wav" cannot be read as a sound file; save it as WAV again.'),
        (cut_short, '"song.wav" cannot be read as a sound file; save it as WAV again.'),
        (silence, '"song.wav" holds only silence or invalid numbers; record it again.'),
        (a_click, '"song.wav" lasts 0.01 s; give at least 0.1 s.'),
    ],
)
def test_a_recording_that_cannot_be_a_source(tmp_path: Path, make, sentence: str):
    make(tmp_path / "song.wav")
    path = square(tmp_path, 'file = "song.wav"', sound="recording")
    said = refusal(path)
    assert said.startswith("square.toml [[source]] music: file ")
    assert sentence in said


def test_a_place_where_nothing_can_be_written(tmp_path: Path):
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "out"
    said = refusal("quiet_night", "--levels", "--until", "5s", "--out", out)
    assert said.startswith(f"{out}: cannot be written: Not a directory; free some space or ")


def test_a_junit_file_that_cannot_be_written_is_refused_before_the_run(tmp_path):
    (tmp_path / "file").touch()
    report = tmp_path / "file" / "report.xml"
    said = refusal("quiet_night", "--levels", "--junit", report)
    assert said.startswith(f"{report}: cannot be written: Not a directory")


def test_a_run_that_is_refused_leaves_no_empty_report(tmp_path):
    report = tmp_path / "report.xml"
    refusal("quiet_night", "--units", 0, "--junit", report)
    assert not report.exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("a file system of 64 kB needs root and mount")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("units", [1, 2])
def test_a_full_disk(small_disk: Path, units: int):
    out = small_disk / "out"
    words = ("quiet_night", "--levels", "--until", "30m", "--units", units, "--out", out)
    said = refusal(*words)
    assert "trace.jsonl: cannot be written: No space left on device; free some space" in said
