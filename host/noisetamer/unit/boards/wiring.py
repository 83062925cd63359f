"""A board's wires, as its file names them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from noisetamer.base.paths import BOARDS
from noisetamer.unit.boards.board_file import Described, load
from tamer.board import Board, I2SAmplifier, I2SMicrophone


@dataclass(frozen=True)
class Wire:
    """One GPIO to one terminal. `part`: the board's field, such as "microphone"."""

    part: str
    signal: str
    gpio: int
    output: bool


@dataclass(frozen=True)
class Wiring(Described):
    """What a board file says, and the wires that follow, in the order of its parts."""

    wires: list[Wire]


def read(path: Path) -> Wiring:
    """Raises UserError where the board file cannot be read."""
    described = load(path)
    return Wiring(**vars(described), wires=list(_wires(described.board)))


def shipped() -> list[Path]:
    """The board files of the project."""
    return sorted(BOARDS.glob("*.py"))


def _wires(board: Board) -> Iterator[Wire]:
    if board.microphone:
        yield from _i2s("microphone", board.microphone, False)
    if board.speaker:
        yield from _i2s("speaker", board.speaker, True)
    yield Wire("matrix", "data", board.matrix.data, True)
    if board.spotlight:
        yield Wire("spotlight", "control", board.spotlight.control, True)
    if board.weather:
        for instrument in ("cups", "rain"):
            gpio = getattr(board.weather, instrument)
            if gpio is not None:
                yield Wire("weather", instrument, gpio, False)


def _i2s(name: str, part: I2SMicrophone | I2SAmplifier, sends: bool) -> Iterator[Wire]:
    yield Wire(name, "sck", part.sck, True)
    yield Wire(name, "ws", part.ws, True)
    yield Wire(name, "sd", part.sd, sends)
