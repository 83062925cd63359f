"""The firmware's loops as this computer runs them: viper functions compiled by `viper_x64`.

For MicroPython's unix port on x86-64, in which simulations and recordings run. The port has no
machine code for other 64-bit computers, be it ours or its own.
"""

import hashlib
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from noisetamer.sound.kernels import container, viper_x64, x64

TARGET = "x64"
"""mpy-cross's name of the architecture."""

# What a module must hold to be looked at.
_MARK = b"@micropython.viper"


def quickened(source: bytes, mpy: bytes) -> bytes:
    """The `.mpy` that mpy-cross made of `source` for x64, its viper functions by `viper_x64`.

    A function that `viper_x64` does not know stays as it is: same results, more slowly.
    """
    if _MARK not in source:
        return mpy
    whole = container.parse(mpy)
    functions = iter(viper_x64.functions(source.decode()))
    children = []
    for child in whole.module.children:
        if child.kind == "VIPER" and whole.function_table is not None:
            function = next(functions)
            with suppress(viper_x64.NotKnown):
                code = viper_x64.compiled(function, whole.function_table)
                child = replace(child, code=code)
        children.append(child)
    return container.emit(replace(whole, module=replace(whole.module, children=tuple(children))))


@cache
def fingerprint() -> str:
    """Changes with the code that `quickened` makes."""
    made = hashlib.sha256()
    for module in (container, viper_x64, x64):
        made.update(Path(str(module.__file__)).read_bytes())
    return made.hexdigest()
