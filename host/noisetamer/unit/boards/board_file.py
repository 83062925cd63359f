"""A board file, read: what it says of its pins and parts, and what flashing wants of that."""

import importlib.util
import sys
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from noisetamer.base.errors import UserError
from noisetamer.base.paths import BOARDS
from tamer import board as board_parts
from tamer.board import Board

_STYLE = (
    "a board file makes nothing, it names its pins and parts:"
    " BOARD = Board(chip=..., ...), see boards/README.md."
)
# What a file that makes its hardware itself would import.
_HARDWARE = ("esp32", "machine", "neopixel", "network")


@dataclass(frozen=True)
class Described:
    """What a board file says.

    `title`: first line of its docstring. `order`: of its matrix, for each LED, row by row, its
    place on the chain (uint16).
    """

    path: Path
    title: str
    board: Board
    order: array


@dataclass(frozen=True)
class BoardFile:
    """chip: as esptool's --chip takes it; image: file name on micropython.org; version: of
    MicroPython in it; flash_MB, psram_MB: the least the firmware runs on (psram_MB 0: none);
    sha256: of the image, None where it is not pinned; speaks: it has a speaker.
    """

    name: str
    chip: str
    image: str
    version: str
    flash_MB: int
    psram_MB: int
    sha256: str | None
    speaks: bool


def read(name: str, folder: Path = BOARDS) -> BoardFile:
    """Raises UserError for a board that is not there or whose file cannot be read."""
    file = folder / f"{name}.py"
    if not file.exists():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.py")))
        raise UserError(f"There is no board file {file.name} in boards/; there is: {known}.")
    board = load(file).board
    return BoardFile(
        name,
        board.chip,
        board.image,
        board.version,
        board.flash_MB,
        board.psram_MB,
        board.sha256,
        board.speaker is not None,
    )


def for_chip(chip: str, folder: Path = BOARDS) -> list[str]:
    """The board files made for a chip; one that cannot be read is for none."""
    return [path.stem for path in sorted(folder.glob("*.py")) if _chip(path) == chip]


def load(path: Path) -> Described:
    """All that a board file says. Raises UserError, with the line, where it cannot be read."""
    if not path.is_file():
        raise UserError(f"{path}: there is no such board file.")
    spec = importlib.util.spec_from_file_location("board", path)
    if spec is None or spec.loader is None:
        raise UserError(f"{path}: is not a Python file; a board file ends in .py.")
    file = importlib.util.module_from_spec(spec)
    try:
        with _microphones_at_hand():
            spec.loader.exec_module(file)
        board = _board(file)
        order = board.matrix.order(board.matrix.width, board.matrix.height)
    except UserError as wrong:
        raise UserError(f"{path}: {wrong}") from None
    except ImportError as wrong:
        reason = _STYLE if wrong.name in _HARDWARE else f"{wrong}; mend it there."
        raise UserError(f"{path}: {_where(wrong, path)}{reason}") from None
    except (Exception, SystemExit) as wrong:
        raise UserError(f"{path}: {_where(wrong, path)}{_what(wrong)}; mend it there.") from None
    title = (file.__doc__ or path.stem).strip().splitlines()[0]
    return Described(path, title, board, order)


def _chip(path: Path) -> str | None:
    try:
        return load(path).board.chip
    except UserError:
        return None


def _board(file: ModuleType) -> Board:
    board = getattr(file, "BOARD", None)
    if not isinstance(board, Board):
        raise UserError(_STYLE)
    for sentence in _of_wrong_type(board):
        raise UserError(sentence)
    return board


def _of_wrong_type(part: Any) -> Iterator[str]:
    """A sentence a field that a type checker would refuse."""
    for name, wanted in get_type_hints(type(part).__init__).items():
        value = getattr(part, name)
        # Of a missing microphone the check has more to say.
        if name == "microphone" and value is None:
            continue
        if not isinstance(value, int | float if wanted is float else wanted):
            kind = getattr(wanted, "__name__", str(wanted))
            yield f"{name} of {type(part).__name__} is {value!r}; it must be {kind}."
        elif type(value).__module__ == board_parts.__name__:
            yield from _of_wrong_type(value)


@contextmanager
def _microphones_at_hand() -> Iterator[None]:
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(BOARDS))
    try:
        yield
    finally:
        sys.path.remove(str(BOARDS))
        sys.dont_write_bytecode = writes


def _what(wrong: BaseException) -> str:
    if isinstance(wrong, SyntaxError):
        return f"no Python, {wrong.msg}"
    return (
        "ends the program" if isinstance(wrong, SystemExit) else f"{type(wrong).__name__}, {wrong}"
    )


def _where(wrong: BaseException, path: Path) -> str:
    if isinstance(wrong, SyntaxError):
        return f"line {wrong.lineno}: "
    line, frame = None, wrong.__traceback__
    while frame:
        if frame.tb_frame.f_code.co_filename == str(path):
            line = frame.tb_lineno
        frame = frame.tb_next
    return f"line {line}: " if line else ""
