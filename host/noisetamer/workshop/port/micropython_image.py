"""An image of MicroPython: whole, for which chip, which version, and what goes where.

An official image is one file for the start of the flash: second-stage bootloader, partition
table, app, and 0xFF between them. Written in one piece it would wipe the partition `nvs`, which
lies in a gap and holds a unit's secrets; so it is written part by part.

A unit has a partition table of its own, with one for its records (`parted`).
Formats: ESP-IDF Programming Guide, "App Image Format" and "Partition Tables".
"""

import hashlib
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from esptool.bin_image import ESP32FirmwareImage, LoadFirmwareImage
from esptool.targets import CHIP_DEFS
from esptool.util import FatalError

from noisetamer.base.errors import UserError
from noisetamer.unit.boards.board_file import BoardFile
from noisetamer.unit.files.partitions import Region, partitions

_MAGIC = 0xE9
_CHIP_ID_AT = 12
TABLE_AT = 0x8000
TABLE_BYTES = 0x1000
_PARTITION = struct.Struct("<HBBII16sI")
_PARTITION_MAGIC = 0x50AA
_TABLE_MD5 = b"\xeb\xeb" + b"\xff" * 14
_APP, _DATA, _NVS = 0, 1, 2
_FILE_SYSTEM, _UNDEFINED = 0x81, 0x06
# By these names MicroPython and the firmware look for them.
_FILES_LABEL, _JOURNAL_LABEL = b"vfs", b"journal"

# The header's byte with the flash's size in its high nibble: 1 MB is 0, 2 MB is 1, ...
_FLASH_SIZE_AT = 3
_DIGEST_BYTES = 32

# The stock build leaves the version out of the app's description (ports/esp32/boards/
# sdkconfig.base: CONFIG_APP_EXCLUDE_PROJECT_VER_VAR); the REPL's greeting always has it.
_GREETING = re.compile(rb"MicroPython (v[0-9][0-9A-Za-z.+-]*) on [0-9]{4}-[0-9]{2}-[0-9]{2}")
_DESCRIPTION = struct.Struct("<II8x32s")
_DESCRIPTION_MAGIC = 0xABCD5432

_CHIP_NAMES = {
    chip.IMAGE_CHIP_ID: name for name, chip in CHIP_DEFS.items() if chip.IMAGE_CHIP_ID is not None
}


@dataclass(frozen=True)
class Image:
    """parts: (where in flash, what), to be written; nvs: what a chip keeps through it;
    file_system_at: where the part of the flash begins that MicroPython formats; files, journal:
    the partitions for files and for records, None in an image that is not `parted`.
    """

    file: Path
    chip: str
    version: str
    sha256: str
    parts: tuple[tuple[int, bytes], ...]
    nvs: Region
    file_system_at: int
    files: Region | None = None
    journal: Region | None = None

    @property
    def table(self) -> tuple[int, bytes]:
        """The part that is the partition table."""
        return next(part for part in self.parts if part[0] == TABLE_AT)


def read(file: Path) -> Image:
    """Raises UserError for anything that is no whole image of MicroPython."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UserError(
            f"The image {file} cannot be read ({error.strerror or error}): name one with --image."
        ) from None
    if len(content) < 32 or content[0] != _MAGIC:
        raise UserError(
            f"{file} is no image for an Espressif chip: take the .bin from micropython.org."
        )
    chip = _CHIP_NAMES.get(int.from_bytes(content[_CHIP_ID_AT : _CHIP_ID_AT + 2], "little"))
    if chip is None or chip == "esp8266":
        raise UserError(f"The image {file} is for a chip this esptool does not know.")
    start = CHIP_DEFS[chip].BOOTLOADER_FLASH_OFFSET
    flash = b"\xff" * start + content
    partitions = _partitions(flash, file)
    apps = [region for (kind, _), region in partitions.items() if kind == _APP]
    if not apps or (_DATA, _NVS) not in partitions:
        raise UserError(f"The image {file} has no partitions for an app: take the official one.")
    app_at = apps[0].at
    bootloader = _whole(chip, flash[start:TABLE_AT], file, "bootloader")
    app = _whole(chip, flash[app_at:], file, "app")
    return Image(
        file,
        chip,
        _version(app, file),
        hashlib.sha256(content).hexdigest(),
        (
            (start, bootloader),
            (TABLE_AT, flash[TABLE_AT : TABLE_AT + TABLE_BYTES]),
            (app_at, app),
        ),
        partitions[_DATA, _NVS],
        _file_system_at(partitions),
    )


def parted(image: Image, flash_bytes: int, speaks: bool) -> Image:
    """The same for a flash of that size, with partitions for files and for records.

    speaks: the board has a speaker.
    The bootloader refuses a table that is larger than the flash its own header tells of.
    """
    after_app = image.file_system_at
    ours = partitions(flash_bytes, speaks, after_app)
    rows = b""
    for row, region in _rows(image.table[1]):
        if region.at < after_app:
            rows += row
    for label, subtype, region in (
        (_FILES_LABEL, _FILE_SYSTEM, ours.files),
        (_JOURNAL_LABEL, _UNDEFINED, ours.journal),
    ):
        rows += _PARTITION.pack(_PARTITION_MAGIC, _DATA, subtype, region.at, region.size, label, 0)
    table = _sealed(rows).ljust(TABLE_BYTES, b"\xff")
    (start, bootloader), _, app = image.parts
    return replace(
        image,
        parts=((start, _told_of(bootloader, flash_bytes)), (TABLE_AT, table), app),
        files=ours.files,
        journal=ours.journal,
    )


def for_a_unit(image: Image, table: bytes, flash_bytes: int, speaks: bool) -> Image:
    """The same for a unit whose partition `table` stays, and with it all that is in its flash.

    Without a whole table it gets ours; from before there was a partition for records it has none.
    """
    ours = parted(image, flash_bytes, speaks)
    rows = list(_rows(table))
    if not rows or not table.startswith(_sealed(b"".join(row for row, _ in rows))):
        return ours
    regions = {_PARTITION.unpack(row)[5].rstrip(b"\0"): region for row, region in rows}
    if _JOURNAL_LABEL not in regions:
        return image
    bootloader, _, app = ours.parts
    return replace(
        ours,
        parts=(bootloader, (TABLE_AT, table), app),
        files=regions.get(_FILES_LABEL),
        journal=regions[_JOURNAL_LABEL],
    )


def _sealed(rows: bytes) -> bytes:
    return rows + _TABLE_MD5 + hashlib.md5(rows).digest()


def _told_of(bootloader: bytes, flash_bytes: int) -> bytes:
    """A bootloader that takes the flash for one of that size."""
    told = bytearray(bootloader[:-_DIGEST_BYTES])
    size = (flash_bytes >> 20).bit_length() - 1
    told[_FLASH_SIZE_AT] = size << 4 | told[_FLASH_SIZE_AT] & 0x0F
    return bytes(told) + hashlib.sha256(told).digest()


def check(image: Image, board: BoardFile) -> None:
    """Raises UserError unless this is the image the board file names."""
    if image.chip != board.chip:
        raise UserError(
            f"The image {image.file} is for {image.chip}, the board {board.name} has "
            f"{board.chip}: it needs {board.image}."
        )
    # A build from a changed source tree says -dirty; the source is the release all the same.
    if image.version.removesuffix("-dirty") != board.version:
        raise UserError(
            f"The image {image.file} is MicroPython {image.version}, the board {board.name} "
            f"needs {board.version}: take {board.image}."
        )
    if board.sha256 and image.sha256 != board.sha256.lower():
        raise UserError(
            f"The image {image.file} is not the one the board file {board.name} is pinned to "
            f"(SHA-256 {image.sha256[:16]}..., not {board.sha256[:16]}...): download it again."
        )


def _partitions(flash: bytes, file: Path) -> dict[tuple[int, int], Region]:
    """The regions by (type, subtype), in their order."""
    partitions: dict[tuple[int, int], Region] = {}
    for row, region in _rows(flash[TABLE_AT:]):
        partitions.setdefault((row[2], row[3]), region)
    if not partitions:
        raise _truncated(file, "partition table")
    return partitions


def _rows(table: bytes) -> Iterator[tuple[bytes, Region]]:
    """Each partition's row, and where it lies."""
    for at in range(0, len(table) - _PARTITION.size + 1, _PARTITION.size):
        row = table[at : at + _PARTITION.size]
        magic, _, _, begin, size, _, _ = _PARTITION.unpack(row)
        if magic != _PARTITION_MAGIC:
            return
        yield row, Region(begin, size)


def _file_system_at(partitions: dict[tuple[int, int], Region]) -> int:
    """MicroPython makes the partition `vfs` of all that is left after the others."""
    others = [r for (kind, subtype), r in partitions.items() if kind == _APP or subtype < 0x80]
    return max(region.at + region.size for region in others)


def _whole(chip: str, content: bytes, file: Path, part: str) -> bytes:
    """The image that begins here, without what follows. Raises UserError unless it is whole."""
    try:
        image = LoadFirmwareImage(chip, content)
    except (FatalError, struct.error, TypeError, IndexError):
        raise _truncated(file, part) from None
    assert isinstance(image, ESP32FirmwareImage)
    if image.append_digest:
        if image.stored_digest != image.calc_digest:
            raise _truncated(file, part)
        return content[: (image.data_length or 0) + len(image.stored_digest)]
    raise UserError(f"The {part} in the image {file} has no SHA-256: take the official one.")


def _truncated(file: Path, part: str) -> UserError:
    return UserError(f"The image {file} is damaged or cut off in its {part}: download it again.")


def _version(app: bytes, file: Path) -> str:
    greeting = _GREETING.search(app)
    if greeting:
        return greeting[1].decode()
    # An image begins with 24 bytes of header and 8 of the first segment's.
    magic, _, version = _DESCRIPTION.unpack_from(app, 32)
    text = version.split(b"\0")[0].decode("ascii", "replace")
    if magic != _DESCRIPTION_MAGIC or not text:
        raise UserError(f"The image {file} does not say which MicroPython it is.")
    return text
