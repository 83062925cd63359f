"""qemu ends with whoever runs it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
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


def test_it_does_not_outlive_a_program_that_is_killed():
    with subprocess.Popen([sys.executable, "-c", ENDLESS]) as running:
        (qemu,) = until(lambda: children(running.pid), "qemu")
        # Some of its own work done: not only just begun.
        until(lambda: int(stat(qemu)[13]), "machine code that runs")
        running.kill()
    try:
        until(lambda: not is_there(qemu), "the end of qemu")
    finally:
        if is_there(qemu):
            os.kill(qemu, signal.SIGKILL)


def stat(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text().split()
