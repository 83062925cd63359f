"""What starts after a reset, from what is in flash: ROM, second-stage bootloader, app.

The words are those of the ROMs and of ESP-IDF's bootloader.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from noisetamer.unit.files.partitions import Region
from noisetamer.virtual.board import fake_image
from noisetamer.virtual.board.chips import VirtualChip
from noisetamer.virtual.board.flash_chip import FlashChip

_LINES_TILL_WATCHDOG = 8
_MOST_SEGMENTS = 16


@dataclass(frozen=True)
class Firmware:
    """What was found to run."""

    version: str  # of the app, as its description says
    date: str
    nvs: Region
    file_system: Region
    journal: Region | None  # of the records


class NoBootError(Exception):
    """Nothing to run; the message is what the board says before it tries again."""


def firmware(chip: VirtualChip, flash: FlashChip) -> Firmware:
    """Raises NoBootError if the chip would not get as far as MicroPython."""
    first = int.from_bytes(flash.read(chip.bootloader_at, 4), "little")
    if first & 0xFF != fake_image.MAGIC:
        raise NoBootError(f"invalid header: 0x{first:08x}\r\n" * _LINES_TILL_WATCHDOG)
    _verified(chip, flash, chip.bootloader_at)
    partitions = _partitions(chip, flash)
    if (fake_image.APP, fake_image.FACTORY) not in partitions:
        raise NoBootError("E (66) boot: No bootable app partitions in the partition table\r\n")
    segment = _verified(chip, flash, partitions[fake_image.APP, fake_image.FACTORY].at)
    magic, _, version, _, _, date, *_ = fake_image.APP_DESCRIPTION.unpack(
        flash.read(segment, fake_image.APP_DESCRIPTION.size)
    )
    if magic != fake_image.APP_MAGIC:
        raise NoBootError("E (66) boot: Factory app partition is not bootable\r\n")
    try:
        nvs = partitions[fake_image.DATA, fake_image.NVS]
        file_system = partitions[fake_image.DATA, fake_image.FILE_SYSTEM]
    except KeyError:
        raise NoBootError("abort() was called: no partition nvs or vfs\r\n") from None
    journal = partitions.get((fake_image.DATA, fake_image.UNDEFINED))
    return Firmware(_text(version), _text(date), nvs, file_system, journal)


def _verified(chip: VirtualChip, flash: FlashChip, at: int) -> int:
    """Where the first segment's data of an image begins, if the image is whole."""
    magic, segments, *_, chip_id, _, _, _, hashed = fake_image.HEADER.unpack(
        flash.read(at, fake_image.HEADER.size)
    )
    if magic != fake_image.MAGIC or segments > _MOST_SEGMENTS:
        raise NoBootError(
            f"E (66) esp_image: image at 0x{at:x} has invalid magic byte (nothing flashed here?)"
            "\r\nE (72) boot: Factory app partition is not bootable\r\n"
        )
    if chip_id != chip.image_id:
        raise NoBootError(
            f"E (66) boot_comm: mismatch chip ID, expected {chip.image_id}, found {chip_id}\r\n"
        )
    end = at + fake_image.HEADER.size
    checksum = fake_image.CHECKSUM_SEED
    for _ in range(segments):
        _, size = fake_image.SEGMENT.unpack(flash.read(end, fake_image.SEGMENT.size))
        end += fake_image.SEGMENT.size
        if end + size > flash.size:
            raise NoBootError(f"E (66) esp_image: Segment 0x{end:x} is too long: {size}\r\n")
        data = np.frombuffer(flash.read(end, size), np.uint8)
        checksum ^= int(np.bitwise_xor.reduce(data, initial=0))
        end += size
    end += fake_image.CHECKSUM_ALIGNMENT - (end - at) % fake_image.CHECKSUM_ALIGNMENT
    stored = flash.read(end - 1, 1)[0]
    if stored != checksum:
        raise NoBootError(
            f"E (66) esp_image: Checksum failed. Calculated 0x{checksum:x} read 0x{stored:x}\r\n"
        )
    if hashed and flash.read(end, 32) != hashlib.sha256(flash.read(at, end - at)).digest():
        raise NoBootError("E (66) esp_image: Image hash failed - image is corrupt\r\n")
    return at + fake_image.HEADER.size + fake_image.SEGMENT.size


def _partitions(chip: VirtualChip, flash: FlashChip) -> dict[tuple[int, int], Region]:
    """The regions by type and subtype, the first of each."""
    found: dict[tuple[int, int], Region] = {}
    at = fake_image.PARTITION_TABLE_AT
    while True:
        magic, kind, subtype, begin, size, _, _ = fake_image.PARTITION.unpack(
            flash.read(at, fake_image.PARTITION.size)
        )
        if magic != fake_image.PARTITION_MAGIC:
            break
        found.setdefault((kind, subtype), Region(begin, size))
        at += fake_image.PARTITION.size
    table = flash.read(fake_image.PARTITION_TABLE_AT, at - fake_image.PARTITION_TABLE_AT)
    if not found:
        raise NoBootError(
            f"E (40) flash_parts: partition 0 invalid magic number 0x{magic:x}\r\n"
            "E (46) boot: Failed to verify partition table\r\n"
        )
    if flash.read(at, 32) != fake_image.PARTITION_MD5 + hashlib.md5(table).digest():
        raise NoBootError("E (40) flash_parts: partition table MD5 mismatch\r\n")
    size = 1 << 20 + (flash.read(chip.bootloader_at + 3, 1)[0] >> 4)
    for number, region in enumerate(found.values()):
        if region.at + region.size > size:
            raise NoBootError(
                f"E (40) flash_parts: partition {number} invalid - offset 0x{region.at:x} size "
                f"0x{region.size:x} exceeds flash chip size 0x{size:x}\r\n"
                "E (46) boot: Failed to verify partition table\r\n"
            )
    return found


def _text(field: bytes) -> str:
    return field.split(b"\0")[0].decode("ascii", "replace")
