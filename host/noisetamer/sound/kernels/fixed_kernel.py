"""The fixed-point kernel as `tamer/hear/kernel/fixed_block.mpy`, for either architecture."""

from collections.abc import Callable

from noisetamer.sound.kernels import container, fixed_rv32, fixed_xtensa
from noisetamer.sound.kernels.assembly import Assembly

MODULE = "fixed_block.mpy"

_STUB = """\
import micropython


@micropython.viper
def block(samples, context, n):
    pass
"""

ASSEMBLED: dict[str, Callable[[], Assembly]] = {
    container.XTENSAWIN: fixed_xtensa.assemble,
    container.RV32IMC: fixed_rv32.assemble,
}
"""The code of each architecture, by mpy-cross's name of it."""


def module(architecture: str) -> bytes:
    """A `.mpy` with a function `block`, for an architecture of `ASSEMBLED`; checked."""
    return container.carry(MODULE, _STUB, ASSEMBLED[architecture]().code(), architecture)
