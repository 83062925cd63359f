"""A fault of the program itself: one sentence for the user, the traceback in a file."""

import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from noisetamer import __version__


def keep(error: BaseException) -> str:
    """Write the traceback of an error nobody expected; returns what to say of it.

    The file goes into the system's folder for temporary files, readable by its owner only. Where
    it cannot be written the traceback goes to standard error.
    """
    about = traceback.format_exception_only(error)[0].strip().splitlines()[0]
    said = f"a fault of the program, not of your input or a board: {about}"
    text = "".join(traceback.format_exception(error))
    try:
        return f"{said}; please report it with the file {_written(text)}"
    except OSError:
        print(text, file=sys.stderr)
        return f"{said}; please report it with the traceback above"


def _written(text: str) -> Path:
    head = f"Noise Tamer {__version__}, Python {sys.version}\n{datetime.now(UTC).isoformat()}\n"
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix="noisetamer-fault-", suffix=".txt", delete=False
    ) as file:
        file.write(f"{head}{' '.join(sys.argv)}\n\n{text}")
    return Path(file.name)
