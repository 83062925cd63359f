"""Images for virtual boards: valid in every field that anybody checks, but with no program.

The layout is that of MicroPython's official images, one file for the whole start of the flash:
second-stage bootloader, partition table, app. Formats: ESP-IDF Programming Guide, "App Image
Format" and "Partition Tables".
"""

import hashlib
import struct

import numpy as np

from noisetamer.unit.files.partitions import AFTER_APP, SECTOR
from noisetamer.virtual.board.chips import VirtualChip, named

MAGIC = 0xE9
HEADER = struct.Struct("<BBBBI BBBBHBHH4xB")
SEGMENT = struct.Struct("<II")
CHECKSUM_SEED = 0xEF
CHECKSUM_ALIGNMENT = 16

APP_MAGIC = 0xABCD5432
APP_DESCRIPTION = struct.Struct("<II8x32s32s16s16s32s32sHHB3x72x")

PARTITION_TABLE_AT = 0x8000
PARTITION_MAGIC = 0x50AA
PARTITION = struct.Struct("<HBBII16sI")
PARTITION_MD5 = b"\xeb\xeb" + b"\xff" * 14

APP, DATA = 0, 1
FACTORY, PHY, NVS, FILE_SYSTEM = 0x00, 0x01, 0x02, 0x81
UNDEFINED = 0x06

_APP_AT = 0x10000

_DIO = 2
_80_MHZ = 0xF
_NO_WRITE_PROTECT_PIN = 0xEE
_ANY_REVISION = 0xFFFF


def make_image(chip: str, version: str, size: int = 200_000) -> bytes:
    """An image for a chip ("esp32", "esp32s3" or "esp32c3") that says it is MicroPython of a
    version such as "v1.29.0"; about so many bytes, to be written at the chip's bootloader
    offset. The same arguments give the same bytes. Raises UserError for another chip.
    """
    made_for = named(chip)
    rng = np.random.default_rng(list(f"{made_for.name} {version}".encode()))
    bootloader = _image(made_for, [(made_for.dram, _filler(rng, 4096))])
    app = _app(made_for, version, rng, max(size - _APP_AT, 4096))
    flash = bytearray()
    for address, content in (
        (made_for.bootloader_at, bootloader),
        (PARTITION_TABLE_AT, _partition_table(made_for.flash_MB << 20)),
        (_APP_AT, app),
    ):
        flash += b"\xff" * (address - made_for.bootloader_at - len(flash)) + content
    return bytes(flash)


def _app(chip: VirtualChip, version: str, rng: np.random.Generator, size: int) -> bytes:
    description = APP_DESCRIPTION.pack(
        APP_MAGIC,
        0,
        version.encode(),
        b"micropython",
        b"12:00:00",
        b"Nov 23 2026",
        b"v5.5.1",
        hashlib.sha256(version.encode()).digest(),
        0,
        _ANY_REVISION,
        16,
    )
    data = description + _filler(rng, 4096)
    # A segment of code begins at the same place of a 64 KiB page in flash and in memory.
    code_at = HEADER.size + SEGMENT.size + len(data) + SEGMENT.size
    code = (chip.irom & ~0xFFFF) | (code_at & 0xFFFF)
    rest = max(size - code_at, 256)
    return _image(chip, [(chip.drom, data), (code, _filler(rng, rest))])


def _image(chip: VirtualChip, segments: list[tuple[int, bytes]]) -> bytes:
    flash_size = chip.flash_MB.bit_length() - 1
    image = HEADER.pack(
        MAGIC,
        len(segments),
        _DIO,
        flash_size << 4 | _80_MHZ,
        segments[-1][0],
        _NO_WRITE_PROTECT_PIN,
        0,
        0,
        0,
        chip.image_id,
        0,
        0,
        _ANY_REVISION,
        1,
    )
    checksum = CHECKSUM_SEED
    for address, data in segments:
        image += SEGMENT.pack(address, len(data)) + data
        checksum ^= int(np.bitwise_xor.reduce(np.frombuffer(data, np.uint8)))
    image += bytes(CHECKSUM_ALIGNMENT - 1 - len(image) % CHECKSUM_ALIGNMENT) + bytes((checksum,))
    return image + hashlib.sha256(image).digest()


def _partition_table(flash_bytes: int) -> bytes:
    rows = (
        (DATA, NVS, 0x9000, 0x6000, b"nvs"),
        (DATA, PHY, 0xF000, 0x1000, b"phy_init"),
        (APP, FACTORY, _APP_AT, AFTER_APP - _APP_AT, b"factory"),
        (DATA, FILE_SYSTEM, AFTER_APP, flash_bytes - AFTER_APP, b"vfs"),
    )
    table = b"".join(
        PARTITION.pack(PARTITION_MAGIC, kind, subtype, at, size, label, 0)
        for kind, subtype, at, size, label in rows
    )
    table += PARTITION_MD5 + hashlib.md5(table).digest()
    return table.ljust(SECTOR, b"\xff")


def _filler(rng: np.random.Generator, size: int) -> bytes:
    """Compresses about as well as machine code does."""
    return (rng.integers(0, 256, size - size % 4, np.uint8) & 0x77).tobytes()
