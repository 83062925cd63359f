"""Instructions per sample, counted, beside what others publish; cycles, estimated."""

from dataclasses import dataclass

import numpy as np

from noisetamer.sound.kernels import container, emulated_fixed, emulated_fpu, emulated_int
from noisetamer.sound.standards.signals import quantised
from noisetamer.sound.verify.check import Bound, Check, Section
from noisetamer.sound.verify.kernels import (
    FIXED_RV32,
    FIXED_XTENSA,
    FPU_EMULATED,
    INTEGER_EMULATED,
    Kernel,
    integer_start,
)
from tamer.hear import load

BASIS = (
    "Cycles are an estimate: the emulator counts instructions, not cycles. FPU kernel: 3.1 to "
    "3.9 cycles an instruction, the bounds that follow from ikostoski's published times for "
    "loops of the same kind (5 ms per 6000 samples at 240 MHz; 15 % of a core at 80 MHz). "
    "The others: 1 to 1.4 cycles an instruction, assumed for loads, stores and 32-bit "
    "multiplications without waiting. To be replaced by a measurement on the first board."
)


@dataclass(frozen=True)
class Cost:
    """What one meter costs a sample of 48 kHz; None where it is not known.

    `cycles`: least and most. `published`: whether the cycles are its authors' own figure.
    """

    who: str
    delivers: str
    instructions: float | None
    cycles: tuple[float, float]
    published: bool

    @property
    def percent_of_a_core(self) -> tuple[float, float]:
        """Of 240 MHz."""
        low, high = (100.0 * c * load.RATE / load.FASTER_CLOCK for c in self.cycles)
        return low, high


# ikostoski/esp32-i2s-slm and stas-sl/esphome-sound-level-meter, from their own documentation;
# the instructions of the first are counted from its source.
ANCHORS = (
    Cost(
        "ikostoski/esp32-i2s-slm (C++ and assembler)",
        "Z and one weighting, Leq",
        64,
        (200, 200),
        True,
    ),
    Cost("stas-sl/esphome-sound-level-meter (C++)", "one weighting, Leq", None, (335, 335), True),
)

_DELIVERS = "Z, C and A; Fast and Slow with max and min at every sample; C-peak; raw range"
_CYCLES_PER_INSTRUCTION = {
    FPU_EMULATED.name: load.CYCLES["fpu"],
    FIXED_RV32.name: load.CYCLES["fixed"],
    FIXED_XTENSA.name: load.CYCLES["fixed"],
    INTEGER_EMULATED.name: load.CYCLES["int"],
}
_ARCHITECTURES = {FIXED_RV32.name: container.RV32IMC, FIXED_XTENSA.name: container.XTENSAWIN}


def cost(kernel: Kernel, instructions: float) -> Cost:
    """A kernel's line of the table."""
    low, high = _CYCLES_PER_INSTRUCTION[kernel.name]
    cycles = low * instructions, high * instructions
    return Cost(f"Noise Tamer, {kernel.name}", _DELIVERS, instructions, cycles, False)


def instructions(kernel: Kernel) -> Section | None:
    """Counted on the emulator; None for a kernel that did not run there."""
    if kernel.name not in _CYCLES_PER_INSTRUCTION:
        return None
    return Section(
        "instructions",
        "Instructions per sample",
        "",
        "Counted on the emulator; the limit keeps a later change from costing more unseen.",
        [
            Check(
                "instructions per sample",
                _counted(kernel),
                Bound(0.0, 0.0, float(kernel.limits.instructions)),
                unit="instructions",
            )
        ],
    )


def _counted(kernel: Kernel) -> float:
    if kernel is FPU_EMULATED:
        return emulated_fpu.instructions_per_sample()
    if kernel.name in _ARCHITECTURES:
        return emulated_fixed.instructions_per_sample(_ARCHITECTURES[kernel.name])
    noise = quantised(0.1 * np.random.default_rng(1).standard_normal(800))
    start = integer_start()
    return emulated_int.instructions_per_sample(
        noise, bytes.fromhex(start["state"]), start["size"]
    )
