"""What goes on a unit's flash, and a partition image of it."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from noisetamer.errors import InputError
from noisetamer.places import BOARDS, DRIVERS, FIRMWARE, micropython

# The file system's part of an 8 MB flash under the stock image of that size.
PARTITION_BYTES = 6 << 20


def lay_out(folder: Path, board: str, settings: dict, certificate: Path | None = None) -> None:
    """Fill an empty folder with the files of one unit: firmware, board file, voices, settings."""
    board_file = BOARDS / f"{board}.py"
    if not board_file.exists():
        known = ", ".join(sorted(p.stem for p in BOARDS.glob("*.py")))
        raise InputError(f"no board file {board_file.name} in boards/; there is: {known}.")
    shutil.copytree(
        FIRMWARE,
        folder,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("__pycache__", "*.md"),
    )
    shutil.copyfile(board_file, folder / "board.py")
    if certificate is not None:
        shutil.copyfile(certificate, folder / "hub.der")
    (folder / "settings.json").write_text(json.dumps(settings))


def burn(partition: Path, board: str, settings: dict, certificate: Path | None = None) -> None:
    """Make the file `partition`: a LittleFS image with everything one unit needs."""
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder), board, settings, certificate)
        with partition.open("wb") as file:
            file.truncate(PARTITION_BYTES)
        burned = subprocess.run(
            [
                micropython(),
                str(DRIVERS / "burn.py"),
                str(partition),
                str(PARTITION_BYTES),
                folder,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    if burned.returncode:
        reason = (burned.stderr or burned.stdout).strip().splitlines()[-1:]
        raise InputError(f"the flash image {partition} could not be written: {''.join(reason)}.")
