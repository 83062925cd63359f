"""What is on a port, as the chip itself tells it; and whether the firmware can run there."""

import re
from dataclasses import dataclass
from typing import Any

from esptool.cmds import detect_flash_size
from esptool.util import flash_size_bytes

from noisetamer.unit.boards.board_file import BoardFile, for_chip
from noisetamer.workshop.port.errors import chip_errors

_PSRAM = re.compile(r"Embedded PSRAM (\d+)MB")

# Chips whose PSRAM is one more chip on the module: no fuse tells of it.
_PSRAM_OUTSIDE = ("esp32",)

ANOTHER_MODULE = "it is another module than was ordered, send it back or write a board file for it"


@dataclass(frozen=True)
class ConnectedChip:
    """name: as esptool's --chip takes it; title: as people say it; mac: "24:0a:c4:00:00:01";
    psram_MB: None where only MicroPython can tell.
    """

    name: str
    title: str
    mac: str
    flash_MB: int
    psram_MB: int | None


@chip_errors()
def identify(esp: Any) -> ConnectedChip:
    """Ask a connected chip (esptool's loader of its kind), its flash attached.

    A flash that does not answer has 0 MB. Raises BoardError.
    """
    name = re.sub(r"[^a-z0-9]", "", esp.CHIP_NAME.lower())
    features = ", ".join(esp.get_chip_features())
    psram = _PSRAM.search(features)
    untold = None if name in _PSRAM_OUTSIDE else 0
    flash_bytes = flash_size_bytes(detect_flash_size(esp)) or 0
    return ConnectedChip(
        name,
        esp.get_chip_description(),
        ":".join(f"{byte:02x}" for byte in esp.read_mac("BASE_MAC")),
        flash_bytes >> 20,
        int(psram[1]) if psram else untold,
    )


def what_is_unfit(chip: ConnectedChip, board: BoardFile) -> tuple[str, str] | None:
    """Why the firmware of this board file cannot run on a chip, and what to do; None where it
    can."""
    if chip.name != board.chip:
        others = for_chip(chip.name)
        hint = (
            f"flash it with --board {' or '.join(others)}"
            if others
            else "take it out, there is no board file for it in boards/"
        )
        return f"this is an {chip.title}, the board {board.name} has an {board.chip}", hint
    if not chip.flash_MB:
        return "the flash chip does not answer", "look at its solder joints"
    if chip.flash_MB < board.flash_MB:
        has = f"it has {chip.flash_MB} MB of flash"
        return f"{has}, the board {board.name} needs {board.flash_MB}", ANOTHER_MODULE
    if chip.psram_MB is not None and chip.psram_MB < board.psram_MB:
        has = f"{chip.psram_MB} MB of PSRAM" if chip.psram_MB else "no PSRAM"
        return f"it has {has}, the board {board.name} needs {board.psram_MB} MB", ANOTHER_MODULE
    return None
