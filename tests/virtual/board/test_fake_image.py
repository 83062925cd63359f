"""Images for virtual boards pass for real ones."""

import subprocess
from pathlib import Path

import pytest
from real_tools import CHIPS, VERSION

from noisetamer.base.errors import UserError
from noisetamer.base.paths import executable
from noisetamer.virtual.board import make_image
from noisetamer.virtual.board.chips import CHIPS as KINDS

pytestmark = pytest.mark.tools


@pytest.mark.parametrize("chip", CHIPS)
def test_esptool_finds_bootloader_and_app_valid(chip: str, tmp_path: Path):
    image = make_image(chip, VERSION)
    app = tmp_path / "app.bin"
    app.write_bytes(image[0x10000 - KINDS[chip].bootloader_at :])
    said = subprocess.run(
        [executable("esptool", "esptool"), "image-info", app],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.count("(valid)") == 2  # checksum and hash
    assert f"App version: {VERSION}" in said
    assert "Project name: micropython" in said


def test_the_same_arguments_give_the_same_bytes():
    assert make_image("esp32", "v1.29.0") == make_image("esp32", "v1.29.0")
    assert make_image("esp32", "v1.29.0") != make_image("esp32", "v1.30.0")


def test_an_unknown_chip_is_refused():
    with pytest.raises(UserError, match="no virtual board has the chip 'esp8266'"):
        make_image("esp8266", VERSION)
