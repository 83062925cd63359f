"""The installed esptool, unmodified, at virtual boards of three chips."""

from pathlib import Path

import pytest
from real_tools import CHIPS, VERSION, esptool, mpremote, run

from noisetamer.unit.files.partitions import SECTOR
from noisetamer.virtual.board import VirtualBoard, make_image

pytestmark = pytest.mark.tools

_KNOWN_AS = {
    "esp32": ("ESP32-D0WD-V3 (revision v3.1)", "Dual Core", "4MB"),
    "esp32s3": ("ESP32-S3 (QFN56) (revision v0.2)", "Embedded PSRAM 8MB (AP_3v3)", "8MB"),
    "esp32c3": ("ESP32-C3 (QFN32) (revision v0.4)", "Single Core, 160MHz", "4MB"),
}


@pytest.fixture(params=CHIPS)
def board(request: pytest.FixtureRequest, tmp_path: Path):
    with VirtualBoard(request.param, tmp_path, mac="24:0a:c4:00:12:fe") as board:
        yield board


def test_it_recognises_chip_mac_and_flash(board: VirtualBoard):
    said = esptool(board, "flash-id")
    for known_as in _KNOWN_AS[board.chip.name]:
        assert known_as in said
    assert "24:0a:c4:00:12:fe" in said
    assert "Stub flasher running" in said


def test_a_blank_board_becomes_one_with_micropython(board: VirtualBoard, tmp_path: Path):
    image = make_image(board.chip.name, VERSION, 20_000)
    (tmp_path / "image.bin").write_bytes(image)
    at = board.chip.bootloader_at
    said = esptool(board, "--baud", 460800, "write-flash", at, tmp_path / "image.bin")
    assert "Hash of data verified." in said
    assert mpremote(board, "eval", "__import__('os').uname().release").strip() == "1.29.0"

    esptool(board, "verify-flash", at, tmp_path / "image.bin")
    esptool(board, "read-flash", at + 0x7000, 2 * SECTOR, tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == image[0x7000 : 0x7000 + 2 * SECTOR]

    esptool(board, "erase-flash")
    assert board.flash.read(0, board.flash.size) == b"\xff" * board.flash.size


def test_an_image_of_another_chip_is_refused_by_esptool(tmp_path: Path):
    (tmp_path / "image.bin").write_bytes(make_image("esp32c3", VERSION, 80_000))
    with VirtualBoard("esp32s3", tmp_path / "board") as board:
        write = ("--port", board.url, "write-flash", 0, tmp_path / "image.bin")
        code, said = run("esptool", *write, board=board)
    assert code != 0
    assert "is not an ESP32-S3 image" in said


def test_it_works_without_its_stub_too(tmp_path: Path):
    image = make_image("esp32c3", VERSION, 20_000)
    (tmp_path / "image.bin").write_bytes(image)
    with VirtualBoard("esp32c3", tmp_path / "board") as board:
        assert "verified" in esptool(board, "--no-stub", "write-flash", 0, tmp_path / "image.bin")
        esptool(board, "--no-stub", "read-flash", 0, 200, tmp_path / "back.bin")
        assert (tmp_path / "back.bin").read_bytes() == image[:200]
