"""The assembler for x86-64: known encodings, and clear refusals."""

import pytest

from noisetamer.sound.kernels.x64 import R8, R12, R13, RAX, RBP, RCX, RDX, RSP, Assembler, M
from noisetamer.sound.kernels.xtensa import AssemblyError


def encoded(name: str, *operands: object) -> str:
    asm = Assembler()
    getattr(asm, name)(*operands)
    return asm.code().hex(" ")


# Each as GNU objdump reads it back.
@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (("push", R12), "41 54"),
        (("pop", RBP), "40 5d"),
        (("mov", RAX, R12), "49 8b c4"),
        (("mov", R8, -1), "49 c7 c0 ff ff ff ff"),
        (("mov", M(RSP, 16), RDX), "48 89 54 24 10"),
        (("mov", RDX, M(RSP, 256)), "48 8b 94 24 00 01 00 00"),
        (("load", RAX, M(RBP, 0, R12)), "42 8b 44 a5 00"),
        (("load_signed", RAX, M(RBP, 0, R12)), "4a 63 44 a5 00"),
        (("store", M(R13, 8), R8), "45 89 45 08"),
        (("store", M(R12), RAX), "41 89 44 24 00"),
        (("arithmetic", "add", RAX, M(RSP, 8)), "48 03 44 24 08"),
        (("arithmetic", "cmp", M(RSP, 8), 300), "48 81 7c 24 08 2c 01 00 00"),
        (("arithmetic", "xor", R13, R8), "4d 33 e8"),
        (("arithmetic", "sub", RSP, 24), "48 83 ec 18"),
        (("imul", RAX, R12, 88), "49 6b c4 58"),
        (("imul", RAX, RDX), "48 0f af c2"),
        (("shift", "sar", RAX, 13), "48 c1 f8 0d"),
        (("shift", "shl", R8), "49 d3 e0"),
        (("cmov", "g", RCX, RAX), "48 0f 4f c8"),
        (("call", M(RAX, 352)), "48 ff 90 60 01 00 00"),
    ],
)
def test_instructions_have_their_encoding(step, expected):
    assert encoded(*step) == expected


def test_jumps_go_forwards_and_backwards():
    asm = Assembler()
    asm.label("again")
    asm.j("l", "out")
    asm.jmp("again")
    asm.label("out")
    asm.ret()
    assert asm.code().hex(" ") == "0f 8c 05 00 00 00 e9 f5 ff ff ff c3"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (("mov", RAX, 1 << 31), "does not fit 32 bits"),
        (("mov", M(RSP), M(RSP)), "would have to be a register"),
        (("shift", "shl", RAX, 64), "0 to 63"),
        (("load", RAX, M(RBP, 0, RSP)), "RSP is no index"),
        (("jmp", "nowhere"), "no label 'nowhere'"),
    ],
)
def test_what_cannot_be_encoded_is_refused(step, said):
    with pytest.raises(AssemblyError, match=said):
        encoded(*step)
