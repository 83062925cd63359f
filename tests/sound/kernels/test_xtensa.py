"""The assembler: known encodings, and clear refusals."""

import re

import pytest

from noisetamer.sound.kernels.assembly import AssemblyError
from noisetamer.sound.kernels.listing import listing
from noisetamer.sound.kernels.xtensa import A, Assembler, F


def encoded(*steps) -> str:
    asm = Assembler()
    for name, *operands in steps:
        getattr(asm, name)(*operands)
    return asm.code().hex(" ")


# Bytes as GNU as for Xtensa prints them, lowest address first.
@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (("entry", 32), "36 41 00"),
        (("retw",), "90 00 00"),
        (("l32i", A(2), A(3), 12), "22 23 03"),
        (("s32i", A(2), A(3), 12), "22 63 03"),
        (("movi", A(2), -1), "22 af ff"),
        (("addi", A(2), A(2), 4), "22 c2 04"),
        (("slli", A(2), A(3), 1), "f0 23 11"),
        (("srai", A(4), A(4), 8), "40 48 21"),
        (("add_s", F(1), F(2), F(3)), "30 12 0a"),
        (("madd_s", F(1), F(2), F(3)), "30 12 4a"),
        (("lsi", F(1), A(2), 8), "13 02 02"),
        (("ssip", F(1), A(2), 4), "13 c2 01"),
    ],
)
def test_instructions_have_their_encoding(step, expected):
    assert encoded(step) == expected


def test_another_disassembler_reads_the_instructions_on_whole_numbers():
    capstone = pytest.importorskip(
        "capstone", minversion="6", reason="capstone 6 is not installed"
    )
    machine = capstone.Cs(capstone.CS_ARCH_XTENSA, capstone.CS_MODE_XTENSA_ESP32)
    asm = Assembler()
    asm.label("start")
    for i in range(14):
        to, x, y = A(2 + i), A(2 + (i + 5) % 14), A(2 + (i + 9) % 14)
        for name in ("sub", "and_", "mull", "muluh", "mulsh", "min", "max"):
            getattr(asm, name)(to, x, y)
        for name in ("abs", "sra", "srl", "sll"):
            getattr(asm, name)(to, x)
        asm.ssr(x)
        asm.ssl(y)
        asm.extui(to, x, 2 * i + 5, i + 3)
    read = [f"{i.mnemonic} {i.op_str}" for i in machine.disasm(asm.code(), 0)]
    read = [re.sub("0x[0-9a-f]+", lambda number: str(int(number[0], 0)), text) for text in read]
    assert read == [line.text for line in asm.lines if line.size]


@pytest.mark.parametrize("name", ["bltu", "blt", "bge", "bgeu"])
def test_a_branch_that_compares_goes_to_its_label(name):
    asm = Assembler()
    asm.label("start")
    asm.nop()
    getattr(asm, name)(A(3), A(4), "start")
    operation = {"bltu": 3, "blt": 2, "bge": 10, "bgeu": 11}[name]
    assert asm.code()[3:] == bytes((0x47, operation << 4 | 3, 0x100 - 7))


def test_labels_resolve_forwards_and_backwards():
    asm = Assembler()
    asm.label("again")
    asm.beqz(A(2), "out")
    asm.j("again")
    asm.label("out")
    asm.retw()
    assert listing(asm) == (
        "again:\n"
        "0000  16 22 00     beqz a2, out\n"
        "0003  46 fe ff     j again\n"
        "out:\n"
        "0006  90 00 00     retw\n"
    )


@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_the_first_instruction_of_a_loop_does_not_cross_an_aligned_word(before):
    asm = Assembler()
    for _ in range(before):
        asm.retw()
    with asm.loop(A(4)):
        first = asm.here
        asm.addi(A(2), A(2), 1)
    assert first // 4 == (first + 2) // 4


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (("l32i", A(2), A(3), 1024), "l32i a2, a3, 1024: 1024 is not in 0 to 1020"),
        (("lsi", F(2), A(3), 6), "lsi f2, a3, 6: 6 is not a multiple of 4"),
        (("movi", A(2), 4096), "movi a2, 4096: 4096 is not in -2048 to 2047"),
        (("add_s", F(16), F(0), F(0)), "there is no register f16"),
        (("beqi", A(2), 9, "x"), "beqi a2, 9, x: no such branch constant"),
        (("j", "nowhere"), "no label 'nowhere', wanted at byte 0"),
        (("l32r", A(2), "later"), "l32r a2, later: the literal must come before its use"),
    ],
)
def test_what_cannot_be_encoded_is_refused_with_the_instruction(step, message):
    with pytest.raises(AssemblyError) as refusal:
        encoded(step)
    assert str(refusal.value) == message


def test_a_loop_too_long_for_its_instruction_is_refused():
    asm = Assembler()
    with asm.loop(A(4)):
        for _ in range(90):
            asm.nop()
    with pytest.raises(AssemblyError, match=r"loopgtz a4, end_1: .* is not in 0 to 255"):
        asm.code()
