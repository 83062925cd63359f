"""What flashing reads of a board file."""

from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.base.paths import BOARDS
from noisetamer.unit.boards import board_file


def test_the_reference_board_names_its_official_image():
    board = board_file.read("esp32_s3")
    assert board.chip == "esp32s3"
    assert board.image == "ESP32_GENERIC_S3-SPIRAM_OCT-20260824-v1.29.0.bin"
    assert (board.version, board.flash_MB, board.psram_MB) == ("v1.29.0", 8, 8)


@pytest.mark.parametrize("name", sorted(file.stem for file in BOARDS.glob("*.py")))
def test_every_board_can_be_flashed(name: str):
    board = board_file.read(name)
    assert board.version in board.image


def test_a_board_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(UserError, match=r"no board file esp9.py in boards/; .* esp32_s3"):
        board_file.read("esp9")


def test_a_board_file_without_an_image_is_said(tmp_path: Path):
    bare = 'from tamer.board import Board\n\nBOARD = Board(chip="esp32")\n'
    (tmp_path / "bare.py").write_text(bare)
    with pytest.raises(UserError, match=r"line 3: .*missing .*'image'"):
        board_file.read("bare", tmp_path)
