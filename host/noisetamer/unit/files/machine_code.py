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


def kernel(chip: str, target: str | None) -> str:
    """The name of the kernel such a box must run: "fpu", "fixed" or "int"."""
    return (*_names(chip, target), "int")[0]
