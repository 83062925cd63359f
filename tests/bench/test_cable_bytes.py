"""What becoming a unit costs on the cable, in bytes of both directions: they do not depend on the
machine."""

from pathlib import Path

import carton
import pytest

from noisetamer.unit.boards import board_file
from noisetamer.unit.files.firmware_files import tree
from noisetamer.virtual.board import VirtualBoard, make_image
from noisetamer.workshop.port import loader, micropython_image, ports
from noisetamer.workshop.port.ports import Port

pytestmark = pytest.mark.bench

# That of MicroPython 1.29 deflates to 1.1 MB, this one to 1.07.
_IMAGE_BYTES = 1_470_000

_BAUD = 460800


def esptool_alone(folder: Path, image: Path) -> int:
    """Bytes for the image as it is: connect, stub, write, verify."""
    with VirtualBoard("esp32s3", folder) as board:
        line = ports.open_port(Port("port", board.url))
        esp = loader.connected(line, _BAUD)
        loader.write(esp, [(board.chip.bootloader_at, image.read_bytes())], lambda *_: None)
        line.close()
        return board.line.both


def test_all_steps_take_at_most_1_3_times_esptools_bytes_for_the_image_alone(tmp_path: Path):
    image = tmp_path / "image.bin"
    board = board_file.read(carton.BOARD)
    image.write_bytes(make_image(board.chip, board.version, _IMAGE_BYTES))
    alone = esptool_alone(tmp_path / "alone", image)
    wanted = carton.order(tmp_path, image=micropython_image.read(image), firmware=tree)
    with carton.virtual_board(tmp_path, "a") as virtual:
        spent = []
        for changed in (True, False):
            before = virtual.line.both
            outcome = carton.flash_boards(tmp_path, {"port": virtual}, wanted)[0]
            assert (outcome.passed, outcome.changed) == (True, changed)
            spent.append(virtual.line.both - before)
    assert spent[0] <= 1.3 * alone
    # Hashes, and half of it the loader's stub.
    assert spent[1] <= 0.03 * alone
