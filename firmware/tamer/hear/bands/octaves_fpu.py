"""FPU octave bank for ESP32 and ESP32-S3: machine code made by noisetamer.sound.kernels,
in octaves_block.mpy.

Importing this raises ValueError on other architectures. The ESP32-S2 has this one's but no
FPU: check the chip's name first: there the first block would crash the program.
"""

from micropython import const

from tamer.hear.bands.machine_bank import MachineBank
from tamer.hear.bands.octave_bands import rows
from tamer.hear.bands.octaves_block import block
from tamer.hear.bands.octaves_context import Layout

_PIECE = const(1200)


class Bank(MachineBank):
    """One microphone's band filters, by the FPU."""

    name = "fpu"

    def __init__(self, third_octaves=False, equaliser=(1.0, ())):
        """`equaliser`: see fpu_context.new_context."""
        super().__init__(Layout(rows(third_octaves), equaliser), block, "f", _PIECE)
