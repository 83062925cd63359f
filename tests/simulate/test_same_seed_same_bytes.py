"""A run is byte-identical for the same seed, and another seed is another evening."""

import itertools
import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from program import run
from zones import ZONES, computer_in

from noisetamer.simulate import levels_plot, trace
from noisetamer.simulate.command import plan
from noisetamer.simulate.unit_run import play
from noisetamer.square import scenario
from noisetamer.virtual.firmware_process import Tier

pytestmark = pytest.mark.e2e

SOUND = ("demo_square", "--until", "50s")
LEVELS = ("demo_square", "--levels", "--until", "4m")


def played(folder: Path, *words: object) -> tuple[bytes, dict]:
    """The bytes of the trace, and the summary without the machine's speed."""
    run("simulate", *words, "--out", folder, "--no-pictures")
    found = json.loads((folder / "summary.json").read_text())
    del found["run"]
    return (folder / "trace.jsonl").read_bytes(), found


@pytest.mark.parametrize("words", [SOUND, LEVELS], ids=["in sound", "in levels"])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path, words):
    first = played(tmp_path / "first", *words, "--seed", 7)
    again = played(tmp_path / "again", *words, "--seed", 7)
    other = played(tmp_path / "other", *words, "--seed", 8)
    assert first == again
    assert first[0] != other[0]


def test_the_computers_time_zone_changes_no_byte(tmp_path: Path):
    words = ("quiet_night", "--levels", "--until", "1m")
    told = []
    for number, zone in enumerate(ZONES):
        with computer_in(zone):
            told.append(played(tmp_path / str(number), *words))
    assert all(one == told[0] for one in told[1:])


def test_a_used_folder_is_filled_anew(tmp_path: Path):
    used = tmp_path / "used"
    run("simulate", "demo_square", "--levels", "--until", "4m", "--seed", 7, "--out", used)
    assert {path.name for path in used.iterdir()} > {"levels.png", "panel", "panel.png"}
    night = ("quiet_night", "--levels", "--until", "1m")
    found = played(used, *night)
    assert found == played(tmp_path / "new", *night)
    assert {path.name for path in used.iterdir()} == {"trace.jsonl", "summary.json"}

    ran = run("simulate", *night, "--no-trace", "--out", used)
    assert {path.name for path in used.iterdir()} == {"levels.png", "summary.json"}
    assert "trace.jsonl" not in ran.out
    again = json.loads((used / "summary.json").read_text())
    assert again | {"run": None} == found[1] | {"run": None}


def test_units_do_the_same_together_as_each_alone_merged_by_time(tmp_path: Path):
    words = (*LEVELS, "--seed", 7, "--units", 2)
    together = tmp_path / "together"
    played(together, *words)
    lines = trace.read(together / "trace.jsonl")
    assert all(a["t"] <= b["t"] for a, b in itertools.pairwise(lines))
    assert {line["unit"] for line in lines} == {"SIM-0001", "SIM-0002"}

    story = scenario.load("demo_square")
    alone = plan(story, seed=7, units=2, until_s=240, tier=Tier.LEVELS, pace=0)
    for unit in alone:
        path = play(unit, tmp_path / unit.name, lambda second: None, pictures=False)
        assert [line for line in lines if line["unit"] == unit.name] == trace.read(path)

    # Each in a square of its own: no second of one is a copy of the other's.
    heard = [
        [line["LAeq"] for line in lines if line["unit"] == unit.name and trace.is_second(line)]
        for unit in alone
    ]
    assert len(heard[0]) == len(heard[1]) == 240
    assert heard[0] != heard[1]


@pytest.mark.usefixtures("without_semaphores")
def test_where_pools_of_processes_do_not_work_threads_play_and_one_draws_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    draw, drawing, drawn = levels_plot.draw, threading.Lock(), []

    def draw_slowly(*of: Any) -> None:
        drawn.append(drawing.acquire(blocking=False))
        time.sleep(0.2)  # for the other to come
        draw(*of)
        drawing.release()

    monkeypatch.setattr(levels_plot, "draw", draw_slowly)
    words = ("demo_square", "--levels", "--until", "20s", "--seeds", "1..2", "--out", tmp_path)
    assert run("simulate", *words).code == 0
    assert drawn == [True, True]
    found = [json.loads(one.read_text()) for one in tmp_path.glob("*/summary.json")]
    assert [unit["seconds"] for one in found for unit in one["units"].values()] == [20, 20]
