"""The kernel's machine code, as it was read and approved.

After an intended change, look at the difference and write the listing anew:
    python -c "from noisetamer.sound.kernels import fpu_kernel, listing; \\
        print(listing.listing(fpu_kernel.assemble()), end='')" \\
        > tests/sound/kernels/fpu_kernel.lst
"""

from pathlib import Path

import pytest

from noisetamer.sound.kernels import fpu_kernel
from noisetamer.sound.kernels.listing import listing

GOLDEN = Path(__file__).with_name("fpu_kernel.lst")


def test_the_machine_code_is_the_approved_listing():
    assert listing(fpu_kernel.assemble()) == GOLDEN.read_text(encoding="utf-8")


def test_another_disassembler_reads_the_same_instructions():
    capstone = pytest.importorskip(
        "capstone", minversion="6", reason="capstone 6 is not installed"
    )
    machine = capstone.Cs(capstone.CS_ARCH_XTENSA, capstone.CS_MODE_XTENSA_ESP32)
    asm = fpu_kernel.assemble()
    theirs = {i.address: (i.mnemonic, i.op_str) for i in machine.disasm(asm.code(), 0)}
    ours = [line for line in asm.lines if line.size]
    assert list(theirs) == [line.address for line in ours]
    for line in ours:
        name, _, operands = line.text.partition(" ")
        mnemonic, op_str = theirs[line.address]
        if name == "mov":  # a name for `or` with the same register twice
            name, operands = "or", f"{operands}, {operands.split(', ')[1]}"
        assert mnemonic == name
        if not name.startswith(("beqi", "loop")):
            numbers = [int(o, 0) if o[0].isdigit() else o for o in op_str.split(", ") if o]
            assert list(map(str, numbers)) == [o for o in operands.split(", ") if o]
