"""Fixed-point octave bank for chips without an FPU: machine code made by
noisetamer.sound.kernels for their architecture, in octaves_fixed_block.mpy.

Importing this raises ImportError where that file is not, ValueError on another architecture.
"""

from tamer.hear.bands.machine_bank import MachineBank
from tamer.hear.bands.octave_bands import rows
from tamer.hear.bands.octaves_fixed_block import block
from tamer.hear.bands.octaves_fixed_context import MOST_SAMPLES, Layout


class Bank(MachineBank):
    """One microphone's band filters, in whole numbers."""

    name = "fixed"

    def __init__(self, third_octaves=False, equaliser=(1.0, ())):
        """`equaliser`: see fpu_context.new_context."""
        super().__init__(Layout(rows(third_octaves), equaliser), block, "i", MOST_SAMPLES)
