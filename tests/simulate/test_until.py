"""`--until` is simulated time, in the forms people write."""

from pathlib import Path

import pytest
from program import run

from noisetamer.simulate.command import until
from noisetamer.square import scenario

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5s", 5), ("90s", 90), ("20m", 1200), ("1h30m", 5400), ("2h", 7200), ("1.5m", 90)],
)
def test_its_forms(text: str, seconds: int):
    assert until(text, scenario.load("evening_square")) == seconds


def test_a_story_ends_with_its_own_end():
    story = scenario.load("demo_square")
    assert until(None, story) == until("7d", story) == story.duration_s


def test_so_many_seconds_are_in_the_trace(tmp_path: Path):
    ran = run("simulate", "quiet_night", "--levels", "--until", "5s", "--out", tmp_path)
    assert ran.out.startswith("5 s, 4 valid (1 s power)\n")
