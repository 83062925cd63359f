"""The wiring that board files tell of, as a table, in the README and as a picture."""

import sys
from pathlib import Path

import pytest
from PIL import Image

from noisetamer import cli
from noisetamer.base.paths import BOARDS
from noisetamer.unit.boards import parts, wiring

README = (BOARDS / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", wiring.shipped(), ids=lambda path: path.stem)
def test_the_readme_has_the_wiring_of_every_board_file_as_it_is(path):
    assert parts.markdown(wiring.read(path)) in README


def test_a_microphone_is_heard_and_clocked():
    wires = {(wire.part, wire.signal): wire for wire in wiring.read(BOARDS / "esp32_s3.py").wires}
    assert wires["microphone", "sck"].output
    assert not wires["microphone", "sd"].output
    assert wires["speaker", "sd"].output


def test_reading_a_board_file_needs_no_hardware_and_leaves_nothing_behind():
    path, modules = list(sys.path), {"machine", "neopixel", "esp32", "network", "board"}
    wiring.read(BOARDS / "esp32_s3.py")
    assert sys.path == path
    assert not modules & sys.modules.keys()


def test_the_picture_is_drawn_from_the_board_file(tmp_path: Path, capsys):
    picture = tmp_path / "wiring.png"
    assert cli.run(["board", "wiring", "esp32_s3", "--out", str(picture)]) == 0
    told = capsys.readouterr().out
    assert "SCK  GPIO 4" in told
    assert Image.open(picture).width > 600
