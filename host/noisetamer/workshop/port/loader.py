"""The chip's loader, by way of esptool: connect, compare, erase, write and verify."""

import hashlib
import threading
from collections.abc import Callable, Iterable
from typing import Any

import serial
from esp_pylib.logger import EspLog, EspLogBase
from esptool import ESPLoader
from esptool import loader as esptool_loader
from esptool.cmds import attach_flash, detect_chip, run_stub, write_flash

from noisetamer.unit.files.partitions import SECTOR, Region
from noisetamer.workshop.port.errors import chip_errors
from noisetamer.workshop.port.micropython_image import TABLE_AT, TABLE_BYTES, Image

# Both superblocks of LittleFS: without them MicroPython makes a new file system.
_FILE_SYSTEM_HEAD = 2 * SECTOR

# It writes every packet in hex for its trace, also where nobody traces: four fifths of its time.
esptool_loader.__dict__["HexFormatter"] = lambda *_: ""

Part = tuple[int, bytes]
"""Where in flash, and what."""

Progress = Callable[[int, int], None]
"""Called with (done, of all), bytes on the line."""


class _Quiet(EspLogBase):
    """esptool's words go nowhere, its progress to whoever works in this thread."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def follow(self, progress: Progress | None) -> None:
        self._of_thread.progress = progress

    def progress_bar(self, cur_iter: int, total_iters: int, *_: Any, **__: Any) -> None:
        progress = getattr(self._of_thread, "progress", None)
        if progress:
            progress(cur_iter, total_iters)

    def _nothing(self, *_: Any, **__: Any) -> None:
        pass

    print = err = warn = note = hint = debug = warning = error = set_verbosity = _nothing


_quiet = _Quiet()


@chip_errors()
def connected(connection: serial.SerialBase, baud: int) -> ESPLoader:
    """The chip's loader on an open port, esptool's stub running, at `baud` from here on.

    Raises BoardError when no chip answers.
    """
    EspLog.set_logger(_quiet)
    esp = run_stub(detect_chip(connection))  # type: ignore[arg-type]  # it takes an open port too
    # Else it opens a lost port again in mid write, and goes on with whatever board is there.
    esp.WRITE_FLASH_ATTEMPTS = 1  # type: ignore[assignment]  # inferred as always 2
    if baud != connection.baudrate:
        esp.change_baud(baud)
    attach_flash(esp)
    return esp


@chip_errors()
def differing(esp: ESPLoader, parts: Iterable[Part]) -> list[Part]:
    """Those of an image that are not there already. Raises BoardError."""
    return [part for part in parts if not _holds(esp, *part)]


@chip_errors()
def has_files(esp: ESPLoader, at: int) -> bool:
    """Whether anything begins where a file system would. Raises BoardError."""
    return not _holds(esp, at, b"\xff" * _FILE_SYSTEM_HEAD)


@chip_errors()
def partition_table(esp: ESPLoader, usual: bytes) -> bytes:
    """As it is in the flash, whatever that holds; `usual` goes by its hash. Raises BoardError."""
    return usual if _holds(esp, TABLE_AT, usual) else esp.read_flash(TABLE_AT, TABLE_BYTES)


def _holds(esp: ESPLoader, at: int, content: bytes) -> bool:
    return esp.flash_md5sum(at, len(content)) == hashlib.md5(content).hexdigest()


@chip_errors()
def write(esp: ESPLoader, parts: Iterable[Part], progress: Progress) -> None:
    """Write parts of an image, in their order; esptool verifies each. Raises BoardError."""
    _quiet.follow(progress)
    try:
        write_flash(esp, list(parts))
    finally:
        _quiet.follow(None)


@chip_errors()
def forget(esp: ESPLoader, image: Image) -> None:
    """Erase what a board kept of its life before: stored values, the head of its files, records.

    Raises BoardError.
    """
    for region in (image.nvs, Region(image.file_system_at, _FILE_SYSTEM_HEAD)):
        esp.erase_region(region.at, region.size)
    journal = image.journal
    # Most boards have nothing there, and to erase megabytes takes its time.
    if journal and not _holds(esp, journal.at, b"\xff" * journal.size):
        esp.erase_region(journal.at, journal.size)
