"""qemu ends with whoever runs it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tied import is_tied
from waiting import until

pytestmark = [pytest.mark.device, pytest.mark.usefixtures("qemu")]

ENDLESS = """
from noisetamer.sound.kernels import emulator, xtensa
asm = xtensa.Assembler()
asm.label("again")
asm.j("again")
image = emulator.Image()
function, result = image.function(asm.code()), image.words(0)
emulator.run(image, [emulator.call(function, result, 0, result)])
"""


def is_there(process: int) -> bool:
    """One that has ended and is not waited for has no surroundings."""
    try:
        return bool(Path(f"/proc/{process}/environ").read_bytes())
    except OSError:
        return False


def children(process: int) -> list[int]:
    folder = Path(f"/proc/{process}/task/{process}")
    return [int(word) for word in (folder / "children").read_text().split()]


def test_whoever_is_killed_leaves_neither_it_nor_what_it_read_and_wrote(tmp_path: Path):
    surroundings = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", ENDLESS], env=surroundings) as running:
        (qemu,) = until(lambda: children(running.pid), "qemu")
        until(lambda: is_tied(running.pid), "its tie")
        running.kill()
    try:
        until(lambda: not is_there(qemu), "the end of qemu")
    finally:
        if is_there(qemu):
            os.kill(qemu, signal.SIGKILL)
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["program"]
