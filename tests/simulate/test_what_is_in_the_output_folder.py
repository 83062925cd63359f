"""What an earlier run left in DIR is replaced; what is the user's own stays, and is said."""

from pathlib import Path

import pytest
from program import run

from noisetamer.simulate import output_folder

pytestmark = pytest.mark.e2e

WORDS = ("simulate", "quiet_night", "--levels", "--until", "5s", "--out")


def put(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ("units/My/precious.txt", "units/My"),
        ("units/SIM-0001/notes.txt", ""),
        ("units/SIM-0001/panel/notes.txt", ""),
        ("units", ""),
        ("panel/front.png", ""),
        ("panel/SIM-0001_190205_red.png", "panel"),
        ("panel", ""),
        ("levels.png", ""),
        ("panel.png", ""),
        ("trace.jsonl", ""),
        ("summary.json", ""),
    ],
)
def test_what_no_run_has_made_is_not_touched(tmp_path: Path, own: str, told: str):
    put(tmp_path / own)
    before = everything(tmp_path)
    ran = run(*WORDS, tmp_path, "--no-trace", "--no-pictures")
    assert (ran.code, ran.out) == (2, "")
    assert ran.wrong == [
        f"noisetamer simulate: {tmp_path / (told or own)}: is not of a simulation, and would be "
        "lost; move it or choose another place"
    ]
    assert everything(tmp_path) == before


def test_of_several_runs_none_begins(tmp_path: Path):
    put(tmp_path / "quiet_night-seed-2" / "levels.png")
    before = everything(tmp_path)
    assert run(*WORDS, tmp_path, "--seeds", "1,2").code == 2
    assert everything(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["quiet_night-seed-2"]


@pytest.mark.parametrize("less", [(), ("--no-trace", "--no-pictures")])
def test_a_second_run_replaces_the_first_and_leaves_what_else_is_there(tmp_path: Path, less):
    put(tmp_path / "notes.txt")
    demo = ("simulate", "demo_square", "--levels", "--until", "3m", "--out", tmp_path)
    assert run(*demo).code == 0
    assert (tmp_path / "panel.png").exists()
    assert run(*WORDS, tmp_path, *less).code == 0
    names = {"notes.txt", "summary.json"} | (set() if less else {"trace.jsonl", "levels.png"})
    assert {path.name for path in tmp_path.iterdir()} - {"panel", "panel.png"} == names
    assert (tmp_path / "notes.txt").read_text() == "x"


def test_so_does_one_after_a_run_that_was_broken_off(tmp_path: Path):
    put(tmp_path / "units" / "SIM-0001" / "trace.jsonl")
    put(tmp_path / "units" / "SIM-0001" / "panel" / "SIM-0001_190205_red.png")
    put(tmp_path / "trace.jsonl")
    output_folder.check(tmp_path)
    output_folder.make(tmp_path)
    assert not (tmp_path / "units").exists()


def test_and_after_one_whose_summary_was_cut(tmp_path: Path):
    put(tmp_path / "summary.json", '{\n  "simul')
    output_folder.check(tmp_path)
