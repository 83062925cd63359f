"""The firmware's loops as this computer runs them: viper functions compiled by `viper_x64`.

For MicroPython's unix port on x86-64, in which simulations and recordings run. The port has no
machine code for other 64-bit computers, be it ours or its own.
"""

import hashlib
import shutil
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from noisetamer.base import disk_cache
from noisetamer.base.paths import FIRMWARE, micropython

TARGET = "x64"
"""mpy-cross's name of the architecture."""

ALSO = Path(__file__).parent / "on_box/widening.py"
"""What recordings need besides the firmware's."""

# What the code depends on; only imported where some is made, which is seldom.
_MAKERS = (
    *("carries.py", "container.py", "live_variables.py", "outputs.py"),
    *("viper_expressions.py", "viper_x64.py", "x64.py"),
)
# What a module must hold to be looked at.
_MARK = b"@micropython.viper"

# What of the firmware kernels and octave banks need.
_NEEDED = ("__init__.py", "hear/__init__.py", "hear/kernel/*.py", "hear/bands/*.py")
_MADE = disk_cache.FOLDER / "compiled"
_SELF_TEST = """
import sys
sys.path.insert(0, sys.argv[1])
from tamer.hear.kernel import kernel_int, self_test
from tamer.hear.bands import octaves_int
import widening
print(self_test.passes(kernel_int.Kernel))
"""


@cache
def kernels() -> Path:
    """A folder from which the unix port imports tamer.hear.kernel and bands, and widening, as
    fast as it can.

    Made once for a state of the firmware. The firmware's own folder where the port does not load
    our code or its self-test does not pass: same results, more slowly. Raises UserError where
    there is no MicroPython.
    """
    sources = {
        file.relative_to(FIRMWARE): file.read_bytes()
        for files in _NEEDED
        for file in sorted((FIRMWARE / "tamer").glob(files))
    }
    sources[Path(ALSO.name)] = ALSO.read_bytes()
    named = hashlib.sha256(f"{fingerprint()} {micropython()[-1]}".encode())
    for file, source in sources.items():
        named.update(f"{file} {len(source)} ".encode() + source)
    folder = _MADE / f"kernels-{named.hexdigest()}"
    if not folder.is_dir():
        # Where nothing can be written the firmware's own folder has to do.
        with suppress(OSError):
            _MADE.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=_MADE) as place:
                made = Path(place, "kernels")
                _lay_out(made, sources)
                # Another process may have been faster.
                with suppress(OSError):
                    made.rename(folder)
    return folder if (folder / "tamer").is_dir() else FIRMWARE


def _lay_out(folder: Path, sources: dict[Path, bytes]) -> None:
    """Fill a new folder; it stays empty where it would not do."""
    from noisetamer.sound.kernels import container

    for file, source in sources.items():
        to = folder / file
        to.parent.mkdir(parents=True, exist_ok=True)
        if _MARK in source:
            mpy = container.compiled(source.decode(), file.name, TARGET)
            to.with_suffix(".mpy").write_bytes(quickened(source, mpy))
        else:
            to.write_bytes(source)
    asked = [*micropython(), "-c", _SELF_TEST, str(folder)]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    if answer.stdout.strip() != "True":
        shutil.rmtree(folder / "tamer")


def quickened(source: bytes, mpy: bytes) -> bytes:
    """The `.mpy` that mpy-cross made of `source` for x64, its viper functions by `viper_x64`.

    A function that `viper_x64` does not know stays as it is: same results, more slowly.
    """
    if _MARK not in source:
        return mpy
    from noisetamer.sound.kernels import container, viper_x64
    from noisetamer.sound.kernels.viper_expressions import NotKnown

    whole = container.parse(mpy)
    functions = iter(viper_x64.functions(source.decode()))
    children = []
    for child in whole.module.children:
        if child.kind == "VIPER" and whole.function_table is not None:
            function = next(functions)
            with suppress(NotKnown):
                code = viper_x64.compiled(function, whole.function_table)
                child = replace(child, code=code)
        children.append(child)
    return container.emit(replace(whole, module=replace(whole.module, children=tuple(children))))


@cache
def fingerprint() -> str:
    """Changes with the code that `quickened` makes."""
    made = hashlib.sha256()
    for name in _MAKERS:
        made.update(Path(__file__).with_name(name).read_bytes())
    return made.hexdigest()
