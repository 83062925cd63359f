"""The tools a technician has, as they are installed, at a virtual board."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mpremote.transport_serial import SerialTransport
from waiting import DEADLINE

from noisetamer.base.paths import executable
from noisetamer.virtual.board import VirtualBoard, make_image
from noisetamer.virtual.board.flash_chip import FlashChip

VERSION = "v1.29.0"
CHIPS = ("esp32", "esp32s3", "esp32c3")

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def run(tool: str, *arguments: object, board: VirtualBoard) -> tuple[int, str]:
    """Exit code and all that "esptool" or "mpremote" says."""
    ran = subprocess.run(
        [executable(tool, tool), *map(str, arguments)],
        env=board.environment() | {"NO_COLOR": "1", "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    return ran.returncode, _COLOURS.sub("", ran.stdout)


def esptool(board: VirtualBoard, *arguments: object, url: str = "") -> str:
    code, said = run("esptool", "--port", url or board.url, *arguments, board=board)
    assert code == 0, said
    return said


def mpremote(board: VirtualBoard, *arguments: object, url: str = "") -> str:
    code, said = run("mpremote", "connect", url or board.url, *arguments, board=board)
    assert code == 0, said
    return said


def flash(folder: Path, chip: str = "esp32s3", image: bytes | None = None, at: int = -1) -> Path:
    """A board's folder with an image in its flash, as if it had been flashed in a former life."""
    folder.mkdir(exist_ok=True)
    with VirtualBoard(chip, folder) as board:
        kind = board.chip
    content = FlashChip(folder / "flash", kind.flash_MB << 20)
    where = kind.bootloader_at if at < 0 else at
    content.write(where, make_image(chip, VERSION, 80_000) if image is None else image)
    content.close()
    return folder


@contextmanager
def repl(board: VirtualBoard) -> Iterator[SerialTransport]:
    """mpremote's own connection, in this process: the raw REPL after a soft reset."""
    transport = SerialTransport(board.url)
    try:
        transport.enter_raw_repl()
        yield transport
    finally:
        transport.close()


def answer(transport: SerialTransport, program: str) -> str:
    """What a program prints on the board."""
    return transport.exec(program).decode().strip()
