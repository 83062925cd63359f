"""A board file, run on the host: its constants, what it makes, and the wires that follow."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from noisetamer.base.errors import UserError
from noisetamer.base.paths import BOARDS
from noisetamer.unit.boards import recorder
from tamer.board import Board


@dataclass(frozen=True)
class Wire:
    """One GPIO to one terminal. `part`: the board's field, such as "microphone"."""

    part: str
    signal: str
    gpio: int
    output: bool


@dataclass(frozen=True)
class Wiring:
    """What a board file says of itself, and the hardware it made."""

    path: Path
    title: str
    file: ModuleType
    made: Any
    notes: recorder.Notes
    wires: list[Wire]

    def constant(self, name: str) -> Any:
        """A constant of the board file, None where it has none of that name."""
        return getattr(self.file, name, None)


def read(path: Path) -> Wiring:
    """Run a board file against recording hardware. Raises UserError where it does not run."""
    if not path.is_file():
        raise UserError(f"{path}: there is no such board file.")
    with recorder.hardware() as (modules, notes), _standing_in(modules):
        spec = importlib.util.spec_from_file_location("board", path)
        if spec is None or spec.loader is None:
            raise UserError(f"{path}: is not a Python file; a board file ends in .py.")
        file = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(file)
            made = file.make()
        except Exception as wrong:
            raise UserError(f"{path}: {_where(wrong, path)}{wrong!r}; mend it there.") from None
    if not isinstance(made, Board):
        raise UserError(f"{path}: make() must return a Board, see boards/README.md.")
    title = (file.__doc__ or path.stem).strip().splitlines()[0]
    return Wiring(path, title, file, made, notes, list(_wires(made)))


def shipped() -> list[Path]:
    """The board files of the project."""
    return sorted(BOARDS.glob("*.py"))


def _wires(made: Any) -> Iterator[Wire]:
    for part, value in zip(made._fields, made, strict=True):
        yield from _wires_of(part, value)


def _wires_of(part: str, value: Any) -> Iterator[Wire]:
    if isinstance(value, recorder.I2S):
        sends = value.mode == recorder.I2S.TX
        for signal, pin in value.signals.items():
            yield Wire(part, signal, pin.number, signal != "sd" or sends)
    elif isinstance(value, recorder.NeoPixel):
        yield Wire(part, "data", value.pin.number, True)
    elif isinstance(value, recorder.PWM):
        yield Wire(part, "control", value.pin.number, True)
    elif isinstance(value, recorder.Pin):
        output = value.mode in (recorder.Pin.OUT, recorder.Pin.OPEN_DRAIN)
        yield Wire(part, "control" if output else "input", value.number, output)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _wires_of(part, inner)


@contextmanager
def _standing_in(modules: dict[str, ModuleType]) -> Iterator[None]:
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    sys.path.insert(0, str(BOARDS))
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = writes
        sys.path.remove(str(BOARDS))
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _where(wrong: Exception, path: Path) -> str:
    if isinstance(wrong, SyntaxError):
        return f"line {wrong.lineno}: "
    line, frame = None, wrong.__traceback__
    while frame:
        if frame.tb_frame.f_code.co_filename == str(path):
            line = frame.tb_lineno
        frame = frame.tb_next
    return f"line {line}: " if line else ""
