"""What was tested and with which tools: identifies the code behind a report."""

import hashlib
import platform
import shutil
import subprocess
from datetime import UTC, datetime

from noisetamer import __version__
from noisetamer.base.paths import micropython
from noisetamer.sound.kernels import container, emulated_int, fixed_kernel, machines


def provenance(command: str) -> dict[str, str]:
    """Names and values, in the order to show them. `command`: the line that repeats the run."""
    return {
        "made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "command": command,
        "noisetamer": __version__,
        "FPU kernel, SHA-256": _digest(
            container.parse(container.fpu_module()).module.children[0].code
        ),
        **{
            f"fixed-point kernel, {architecture}, SHA-256": _digest(assemble().code())
            for architecture, assemble in fixed_kernel.ASSEMBLED.items()
        },
        "integer kernel, SHA-256": _digest(
            emulated_int.SOURCE.read_bytes(), emulated_int.SHELF_SOURCE.read_bytes()
        ),
        "emulator": _said([machines.XTENSA.qemu, "--version"]),
        "emulator of RISC-V": _said([machines.RV32.qemu, "--version"]),
        "MicroPython": _said([*micropython(), "-c", "import sys; print(sys.version)"]),
        "host": f"Python {platform.python_version()}, {platform.system()} {platform.machine()}",
    }


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _said(command: list[str]) -> str:
    """The first line a program says; "not installed" where it is missing."""
    if shutil.which(command[0]) is None:
        return "not installed"
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return (ran.stdout or ran.stderr).strip().partition("\n")[0]
