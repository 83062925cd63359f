"""Real recordings as sources of a square trigger the whole loop."""

import shutil
from pathlib import Path

import pytest
from program import run

pytestmark = pytest.mark.e2e

SQUARE = """
start = 2026-11-24T15:00:00
duration = "90s"

[[source]]
name = "road"
sound = "traffic"
level = "84 dB"
distance = "60 m"

[[source]]
name = "the loud one"
sound = "recording"
file = "{file}"
level = "96 dB"
distance = "10 m"
on = [["15s", "90s"]]

[[group]]
name = "they"
sources = ["the loud one"]
listens = 1.0
delay = ["2 s", "5 s"]
turns_down = "24 dB"

[expect]
stages_seen = ["green", "red", "polite"]
warnings = [1, 1]
first_warning_between = ["15s", "32s"]
complies = [1, 1]
quiet_heard_within = "3 s"
ends_in = "green"
"""


@pytest.mark.parametrize("name", ["iso532_21_jackhammer.wav", "music_beat.wav"])
@pytest.mark.parametrize("tier", ["in sound", "in levels"])
def test_it_is_heard_warned_and_turned_down(tmp_path: Path, recordings: Path, name, tier):
    shutil.copy(recordings / name, tmp_path)
    square = tmp_path / "square.toml"
    square.write_text(SQUARE.format(file=name))
    ran = run("simulate", square, *(["--levels"] if tier == "in levels" else []))
    assert (ran.code, ran.wrong) == (0, [])
