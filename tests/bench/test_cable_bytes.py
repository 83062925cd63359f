"""What becoming a unit costs on the cable, in bytes of both directions: they do not depend on the
machine."""

from dataclasses import dataclass
from pathlib import Path

import carton
import pytest

from noisetamer.unit.files.firmware_files import tree
from noisetamer.virtual.board import VirtualBoard, make_image
from noisetamer.workshop.flash.job import FlashJob, Progress
from noisetamer.workshop.port import loader, micropython_image, ports
from noisetamer.workshop.port.ports import Port

pytestmark = pytest.mark.bench

# That of MicroPython 1.29 deflates to 1.1 MB, this one to 1.07.
_IMAGE_BYTES = 1_470_000

_BAUD = 460800
# Until the stub runs, and of MicroPython.
_OTHER_BAUD = 115200
_BITS = 10


@dataclass(frozen=True)
class Spent:
    """Bytes on the line: at the loader's baud, at the other."""

    fast: int
    slow: int

    @property
    def bytes(self) -> int:
        return self.fast + self.slow

    @property
    def seconds(self) -> float:
        return _BITS * (self.fast / _BAUD + self.slow / _OTHER_BAUD)


def esptool_alone(folder: Path, image: Path) -> Spent:
    """For the image as it is: connect, stub, write, verify."""
    with VirtualBoard("esp32s3", folder) as board:
        line = ports.open_port(Port("port", board.url))
        esp = loader.connected(line, _BAUD)
        slow = board.line.both
        loader.write(esp, [(board.chip.bootloader_at, image.read_bytes())], lambda *_: None)
        line.close()
        return Spent(board.line.both - slow, slow)


def all_steps(folder: Path, board: VirtualBoard, wanted: FlashJob, changed: bool) -> Spent:
    began: dict[str, int] = {}
    before = board.line.both

    def told(progress: Progress) -> None:
        began.setdefault(progress.step, board.line.both)

    (outcome,) = carton.flash_boards(folder, {"port": board}, wanted, told=told)
    assert (outcome.passed, outcome.changed) == (True, changed)
    fast = began["firmware"] - began["image"]
    return Spent(fast, board.line.both - before - fast)


def test_all_steps_take_1_3_times_esptools_bytes_and_seconds_for_the_image_alone(tmp_path: Path):
    image = tmp_path / "image.bin"
    board = carton.REFERENCE
    image.write_bytes(make_image(board.chip, board.version, _IMAGE_BYTES))
    alone = esptool_alone(tmp_path / "alone", image)
    wanted = carton.order(tmp_path, image=micropython_image.read(image), firmware=tree)
    with carton.virtual_board(tmp_path, "a") as virtual:
        first, again = (all_steps(tmp_path, virtual, wanted, changed) for changed in (True, False))
    assert first.bytes <= 1.29 * alone.bytes
    assert first.seconds <= 1.3 * alone.seconds
    # Hashes, and two thirds of it the loader's stub.
    assert again.bytes <= 0.02 * alone.bytes
