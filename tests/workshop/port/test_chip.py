"""What a chip on a port tells of its module."""

from pathlib import Path

import pytest

from noisetamer.virtual.board import VirtualBoard
from noisetamer.workshop.port import loader, ports
from noisetamer.workshop.port.chip import identify

pytestmark = pytest.mark.tools


@pytest.mark.parametrize(
    ("chip", "flash_MB", "psram_MB"),
    [
        ("esp32", 8, 8),
        ("esp32s3", 16, 2),
        ("esp32s3", 4, 4),
        ("esp32s3", 8, 16),
        ("esp32c3", 8, 0),
    ],
)
def test_its_flash_and_where_a_fuse_tells_its_psram(
    tmp_path: Path, chip: str, flash_MB: int, psram_MB: int
):
    with VirtualBoard(chip, tmp_path, flash_MB=flash_MB, psram_MB=psram_MB) as board:
        line = ports.open_port(ports.Port("port", board.url))
        found = identify(loader.connected(line, 460800))
        line.close()
    told = None if chip == "esp32" else psram_MB
    assert (found.flash_MB, found.psram_MB) == (flash_MB, told)
