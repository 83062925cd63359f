"""What a board file says of its hardware, read without running it: it imports `machine`."""

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.base.paths import BOARDS

_NEEDED = ("CHIP", "IMAGE", "VERSION", "FLASH_MB", "PSRAM_MB")


@dataclass(frozen=True)
class BoardFile:
    """chip: as esptool's --chip takes it; image: file name on micropython.org; version: of
    MicroPython in it; flash_MB, psram_MB: the least the firmware runs on (psram_MB 0: none);
    sha256: of the image, None where it is not pinned.
    """

    name: str
    chip: str
    image: str
    version: str
    flash_MB: int
    psram_MB: int
    sha256: str | None


def read(name: str, folder: Path = BOARDS) -> BoardFile:
    """Raises UserError for a board that is not there or names no image."""
    file = folder / f"{name}.py"
    if not file.exists():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.py")))
        raise UserError(f"There is no board file {file.name} in boards/; there is: {known}.")
    constants = _constants(file)
    missing = [constant for constant in _NEEDED if constant not in constants]
    if missing:
        raise UserError(
            f"The board file {file} names no {missing[0]}: see the other files in boards/."
        )
    return BoardFile(
        name,
        constants["CHIP"],
        constants["IMAGE"],
        constants["VERSION"],
        constants["FLASH_MB"],
        constants["PSRAM_MB"],
        constants.get("SHA256"),
    )


def for_chip(chip: str, folder: Path = BOARDS) -> list[str]:
    """The board files made for a chip."""
    found = {path.stem: _constants(path).get("CHIP") for path in sorted(folder.glob("*.py"))}
    return [name for name, wanted in found.items() if wanted == chip]


def _constants(file: Path) -> dict[str, Any]:
    constants = {}
    for node in ast.parse(file.read_text(encoding="utf-8"), str(file)).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                constants[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                # Made when the board runs it.
                continue
    return constants
