"""What DIR holds after `noisetamer simulate ... --out DIR`."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from shared_runs import Runs
from summed_up import summed_up

from noisetamer.simulate import trace
from noisetamer.simulate.run import _caption

pytestmark = pytest.mark.e2e

DEMO = "demo_square in sound"


@pytest.fixture
def demo(runs: Runs) -> Path:
    return runs[DEMO].folder


def test_it_holds_these_and_nothing_else(demo: Path):
    names = {path.name for path in demo.iterdir()}
    assert names == {"trace.jsonl", "summary.json", "levels.png", "panel.png", "panel"}


def test_the_trace_has_every_second_once_and_in_order_of_time(demo: Path):
    lines = trace.read(demo / "trace.jsonl")
    times = [line["t"] for line in lines if trace.is_second(line)]
    assert times == list(range(times[0], times[0] + 180))
    assert all(a["t"] <= b["t"] for a, b in itertools.pairwise(lines))


def test_every_second_is_valid_or_has_exactly_one_reason(demo: Path):
    for line in trace.read(demo / "trace.jsonl"):
        if trace.is_second(line):
            assert line["valid"] is ("reason" not in line)
            assert line["valid"] is False or 30 < line["LAeq"] <= line["LAFmax"] < line["LCpeak"]


def test_the_summary_is_what_the_trace_comes_to(demo: Path):
    found = json.loads((demo / "summary.json").read_text())
    run = found.pop("run")
    assert found | {"run": None} == summed_up(trace.stream(demo / "trace.jsonl"), 180, 1.0) | {
        "run": None
    }
    assert run["simulated_s_per_wall_s"] == pytest.approx(180 / run["wall_s"], rel=0.1)


def test_the_levels_are_drawn_wide_enough_to_read(demo: Path):
    with Image.open(demo / "levels.png") as picture:
        picture.load()
        assert picture.width >= 1200
        assert picture.height >= 400
        assert len(picture.convert("RGB").getcolors(1 << 20) or []) > 20


def test_each_stage_change_has_its_picture_of_the_panel(demo: Path):
    names = sorted(path.name for path in (demo / "panel").iterdir())
    changes = [
        f"{line['unit']}_{line['at'][11:].replace(':', '')}_{line['to']}.png"
        for line in trace.read(demo / "trace.jsonl")
        if line.get("event") == "stage"
    ]
    assert names == sorted(changes)


@pytest.mark.parametrize(("stage", "strongest"), [("red", "R"), ("green", "G")])
def test_the_panel_shines_in_the_colour_of_its_stage(demo: Path, stage: str, strongest: str):
    path = next((demo / "panel").glob(f"*_{stage}.png"))
    with Image.open(path) as picture:
        assert picture.width > 3 * picture.height  # 32 x 8 LEDs
        points = np.asarray(picture, float)
    assert points.max() > 200
    assert "RGB"[points.sum((0, 1)).argmax()] == strongest


def test_a_picture_of_the_panel_says_when_it_was():
    assert _caption(Path("SIM-0001_190205_red.png")) == "SIM-0001  19:02:05  red"


def test_the_sheet_shows_all_of_them(demo: Path):
    with Image.open(demo / "panel.png") as sheet:
        sheet.load()
        one = Image.open(next((demo / "panel").glob("*.png")))
        assert sheet.width > 2 * one.width
        assert sheet.height > 2 * one.height
