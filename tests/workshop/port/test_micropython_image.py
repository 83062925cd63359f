"""Images of MicroPython: which are taken, and what is said of the others."""

import dataclasses
import hashlib
from pathlib import Path

import pytest

from noisetamer.base.errors import UserError
from noisetamer.unit.boards import board_file
from noisetamer.virtual.board import VirtualBoard, bootloader, make_image
from noisetamer.workshop.ledger.ledger import Ledger
from noisetamer.workshop.port import micropython_image

BOARD = board_file.read("esp32_s3")


def written(folder: Path, content: bytes) -> Path:
    file = folder / "image.bin"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(("chip", "start"), [("esp32", 0x1000), ("esp32s3", 0), ("esp32c3", 0)])
def test_an_image_is_read_part_by_part(tmp_path: Path, chip: str, start: int):
    content = make_image(chip, "v1.29.0", 90_000)
    found = micropython_image.read(written(tmp_path, content))
    assert (found.chip, found.version) == (chip, "v1.29.0")
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert [at for at, _ in found.parts] == [start, 0x8000, 0x10000]
    for at, part in found.parts:
        assert content[at - start : at - start + len(part)] == part


def test_the_partition_with_a_units_secrets_is_in_no_part(tmp_path: Path):
    found = micropython_image.read(written(tmp_path, make_image("esp32s3", "v1.29.0", 90_000)))
    for at, part in found.parts:
        assert at + len(part) <= found.nvs.at or at >= found.nvs.at + found.nvs.size
    assert found.file_system_at == 0x200000


@pytest.mark.parametrize("chip", ["esp32", "esp32s3", "esp32c3"])
@pytest.mark.parametrize(
    ("flash_MB", "speaks", "files_kB", "journal_kB"),
    [(4, False, 1024, 1024), (4, True, 1280, 768), (8, True, 2048, 4096), (16, True, 2048, 12288)],
)
def test_a_units_flash_has_a_partition_for_records(
    tmp_path: Path, chip: str, flash_MB: int, speaks: bool, files_kB: int, journal_kB: int
):
    stock = micropython_image.read(written(tmp_path, make_image(chip, "v1.29.0", 90_000)))
    found = micropython_image.parted(stock, flash_MB << 20, speaks)
    assert found.journal
    assert found.journal.size == journal_kB << 10
    assert found.journal.at + found.journal.size == flash_MB << 20
    assert found.journal.at - found.file_system_at == files_kB << 10
    assert (found.nvs, found.file_system_at) == (stock.nvs, stock.file_system_at)
    # MicroPython itself is as it was, and a chip starts from it.
    assert found.parts[2] == stock.parts[2]
    with VirtualBoard(chip, tmp_path / "board", flash_MB=flash_MB) as board:
        for at, content in found.parts:
            board.flash.write(at, content)
        firmware = bootloader.firmware(board.chip, board.flash)
    assert firmware.journal
    assert (firmware.journal.at, firmware.journal.size) == (found.journal.at, found.journal.size)
    assert firmware.file_system.size == files_kB << 10


def test_a_unit_keeps_the_partitions_it_has(tmp_path: Path):
    stock = micropython_image.read(written(tmp_path, make_image("esp32", "v1.29.0", 90_000)))
    of_4_MB, of_8_MB = (micropython_image.parted(stock, n << 20, True) for n in (4, 8))

    def on_unit_with(table: bytes) -> micropython_image.Image:
        return micropython_image.for_a_unit(stock, table, 8 << 20, True)

    assert on_unit_with(of_8_MB.table[1]) == of_8_MB
    # Parted otherwise than we would today.
    kept = on_unit_with(of_4_MB.table[1])
    assert (kept.table, kept.journal) == (of_4_MB.table, of_4_MB.journal)
    assert on_unit_with(stock.table[1]) == stock
    torn = of_8_MB.table[1][:100].ljust(4096, b"\xff")
    for no_table in (b"\xff" * 4096, bytes(4096), torn):
        assert on_unit_with(no_table) == of_8_MB


def test_a_bootloader_that_knows_of_less_flash_does_not_start(tmp_path: Path):
    stock = micropython_image.read(written(tmp_path, make_image("esp32", "v1.29.0", 90_000)))
    found = micropython_image.parted(stock, 16 << 20, True)
    with VirtualBoard("esp32", tmp_path / "board", flash_MB=16) as board:
        for at, content in (stock.parts[0], *found.parts[1:]):
            board.flash.write(at, content)
        with pytest.raises(bootloader.NoBootError, match="exceeds flash chip size 0x400000"):
            bootloader.firmware(board.chip, board.flash)


def test_the_version_is_that_of_the_greeting_where_the_image_has_one(tmp_path: Path):
    # Official images say it there only.
    greeting = b"MicroPython v1.29.0 on 2026-08-24; Generic ESP32S3 module"
    app = micropython_image.read(
        written(tmp_path, make_image("esp32s3", "v1.20.0", 90_000))
    ).parts[-1][1]
    assert micropython_image._version(app + greeting, Path("x")) == "v1.29.0"


@pytest.mark.parametrize("length", [0, 20, 3000, 30_000, 0x8010, 0x10100, 80_000])
def test_a_truncated_image_is_refused(tmp_path: Path, length: int):
    content = make_image("esp32s3", "v1.29.0", 90_000)[:length]
    with pytest.raises(UserError, match=r"no image for an Espressif chip|damaged or cut off"):
        micropython_image.read(written(tmp_path, content))


def test_a_damaged_byte_is_noticed(tmp_path: Path):
    content = bytearray(make_image("esp32s3", "v1.29.0", 90_000))
    content[0x11000] ^= 1
    with pytest.raises(UserError, match="damaged or cut off in its app"):
        micropython_image.read(written(tmp_path, bytes(content)))


def test_what_is_no_image_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"take the .bin from micropython.org"):
        micropython_image.read(written(tmp_path, b"<html>" * 100))
    with pytest.raises(UserError, match="cannot be read"):
        micropython_image.read(tmp_path / "nowhere.bin")


def test_an_image_for_another_chip_is_refused(tmp_path: Path):
    found = micropython_image.read(written(tmp_path, make_image("esp32c3", "v1.29.0", 90_000)))
    with pytest.raises(UserError, match="is for esp32c3, the board esp32_s3 has esp32s3"):
        micropython_image.check(found, BOARD)


def test_another_version_is_refused(tmp_path: Path):
    found = micropython_image.read(written(tmp_path, make_image("esp32s3", "v1.28.0", 90_000)))
    with pytest.raises(UserError, match=r"is MicroPython v1.28.0, .* needs v1.29.0"):
        micropython_image.check(found, BOARD)


def test_a_pinned_hash_is_held_to(tmp_path: Path):
    content = make_image("esp32s3", "v1.29.0", 90_000)
    found = micropython_image.read(written(tmp_path, content))
    right = dataclasses.replace(BOARD, sha256=hashlib.sha256(content).hexdigest())
    micropython_image.check(found, right)
    with pytest.raises(UserError, match="is not the one the board file esp32_s3 is pinned to"):
        micropython_image.check(found, dataclasses.replace(BOARD, sha256="ab" * 32))


def test_an_image_that_is_not_pinned_is_held_to_its_first_use(tmp_path: Path):
    file = tmp_path / "ledger.sqlite"
    with Ledger.open(file) as ledger:
        ledger.hold_image(BOARD.image, "aa" * 32)
    with Ledger.open(file) as ledger:
        ledger.hold_image(BOARD.image, "aa" * 32)
        with pytest.raises(UserError, match=r"not the ESP32_GENERIC_S3.* that was used first"):
            ledger.hold_image(BOARD.image, "bb" * 32)
