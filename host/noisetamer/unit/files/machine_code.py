"""Machine code of ours that goes on a chip's flash, by the chip and the architecture that it says
it loads; and so which kernel must run there."""

from collections.abc import Callable
from functools import cache

from noisetamer.sound.kernels import (
    container,
    fixed_kernel,
    fpu_octaves,
    octaves_rv32,
    octaves_xtensa,
)
from tamer.hear.kernel import kernels

_KERNEL, _BANDS = "tamer/hear/kernel/", "tamer/hear/bands/"

# By the name that a kernel and a bank say of themselves, for an architecture.
_MADE: dict[tuple[str, str], dict[str, Callable[[], bytes]]] = {
    ("fpu", container.XTENSAWIN): {
        _KERNEL + container.MODULE: container.fpu_module,
        _BANDS + fpu_octaves.MODULE: fpu_octaves.module,
    },
    ("fixed", container.XTENSAWIN): {
        _KERNEL + fixed_kernel.MODULE: lambda: fixed_kernel.module(container.XTENSAWIN),
        _BANDS + octaves_rv32.MODULE: octaves_xtensa.module,
    },
    ("fixed", container.RV32IMC): {
        _KERNEL + fixed_kernel.MODULE: lambda: fixed_kernel.module(container.RV32IMC),
        _BANDS + octaves_rv32.MODULE: octaves_rv32.module,
    },
}

# What calls it, and has no use on a chip that does not run it: 4 MB have no room to spare.
_CALLED_BY = {
    "fpu": (
        *(_KERNEL + "kernel_fpu.py", _KERNEL + "fpu_context.py"),
        *(_BANDS + "octaves_fpu.py", _BANDS + "octaves_context.py"),
    ),
    "fixed": (
        *(_KERNEL + "kernel_fixed.py", _KERNEL + "fixed_context.py"),
        *(_BANDS + "octaves_fixed.py", _BANDS + "octaves_fixed_context.py"),
    ),
}


@cache
def _module(name: str, target: str) -> dict[str, bytes]:
    return {path: make() for path, make in _MADE[name, target].items()}


def _names(chip: str, target: str | None) -> list[str]:
    """The fastest first, as the box tries them."""
    asked = ("fpu", "fixed") if kernels.has_fpu(chip.upper()) else ("fixed",)
    return [name for name in asked if (name, target) in _MADE]


def files(chip: str, target: str | None) -> dict[str, bytes]:
    """Content by path. `chip`: as esptool names it, "esp32s3". `target`: mpy-cross's name of the
    architecture; None, or one for which there is none: no files."""
    return {
        path: code
        for name in _names(chip, target)
        for path, code in _module(name, target or "").items()
    }


def without_use(chip: str, target: str | None) -> list[str]:
    """Paths of the firmware's files that call what is not on such a chip. As of `files`."""
    names = _names(chip, target)
    return [path for name, paths in _CALLED_BY.items() if name not in names for path in paths]


def kernel(chip: str, target: str | None) -> str:
    """The name of the kernel such a box must run: "fpu", "fixed" or "int"."""
    return (*_names(chip, target), "int")[0]
