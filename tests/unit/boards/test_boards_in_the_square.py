"""Every shipped board file, unchanged, in the demo's square."""

from pathlib import Path

import pytest

from noisetamer.simulate import trace
from noisetamer.simulate.unit_run import UnitRun, play
from noisetamer.square import scenario
from noisetamer.unit.boards import wiring
from noisetamer.virtual.firmware_process import Tier

pytestmark = pytest.mark.device

STORY = scenario.load("demo_square")
UNTIL_S = 46  # too loud for long enough to be spoken to
SPEAKING = {"esp32_s3", "esp32_s3_large", "esp32_wrover"}


@pytest.mark.parametrize("board", [path.stem for path in wiring.shipped()])
def test_it_measures_and_shows_and_speaks_if_it_can(board: str, tmp_path: Path):
    run = UnitRun(STORY, 1, 0, UNTIL_S, Tier.LEVELS, 0, board=board)
    lines = trace.read(play(run, tmp_path, lambda second: None))
    stages = [line["to"] for line in lines if line.get("event") == "stage"]
    assert stages == (["amber", "red", "polite"] if board in SPEAKING else ["amber", "red"])
    own_voice = any(line.get("reason") == "own voice" for line in lines)
    assert own_voice == (board in SPEAKING)
    assert len(list((tmp_path / "panel").glob("*.png"))) == len(stages)
