"""The RISC-V assembler: another disassembler reads what was written, and clear refusals."""

import pytest

from noisetamer.sound.kernels.assembly import AssemblyError
from noisetamer.sound.kernels.listing import listing
from noisetamer.sound.kernels.rv32 import GP, RA, SP, ZERO, A, Assembler, S, T, X

BY_REGISTERS = (
    *("add", "sub", "sll", "sltu", "xor", "srl", "sra", "or_", "and_"),
    *("mul", "mulh", "mulhsu", "mulhu"),
)
BRANCHES = ("beq", "bne", "blt", "bge", "bltu", "bgeu")


def read_by_capstone(code: bytes) -> list[str]:
    capstone = pytest.importorskip(
        "capstone", minversion="6", reason="capstone 6 is not installed"
    )
    machine = capstone.Cs(capstone.CS_ARCH_RISCV, capstone.CS_MODE_RISCV32)
    return [f"{i.mnemonic} {i.op_str}".strip() for i in machine.disasm(code, 0)]


def encoded(*steps) -> str:
    asm = Assembler()
    for name, *operands in steps:
        getattr(asm, name)(*operands)
    return asm.code()[::-1].hex()


# Words as riscv-tests and the manual's own tables have them.
@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (("addi", SP, SP, -16), "ff010113"),
        (("sw", RA, SP, 12), "00112623"),
        (("lw", RA, SP, 12), "00c12083"),
        (("lui", A[0], 0x12345), "12345537"),
        (("ret",), "00008067"),
        (("ecall",), "00000073"),
        (("mul", A[0], A[1], A[2]), "02c58533"),
        (("srai", A[0], A[0], 1), "40155513"),
    ],
)
def test_instructions_have_their_encoding(step, expected):
    assert encoded(step) == expected


def test_another_disassembler_reads_every_instruction_with_every_register():
    asm = Assembler()
    registers = [*(X(i) for i in range(1, 32))]
    for i, register in enumerate(registers):
        x, y = registers[(i + 7) % 31], registers[(i + 19) % 31]
        for name in BY_REGISTERS:
            getattr(asm, name)(register, x, y)
        asm.addi(register, x, -2048 + 131 * i)
        asm.andi(register, x, 2047 - 131 * i)
        for name in ("slli", "srli", "srai"):
            getattr(asm, name)(register, x, i + 1)
        asm.lw(register, x, 2047 - 131 * i)
        asm.sw(register, x, 131 * i - 2048)
        asm.jalr(register, x, 4 * i)
        asm.mv(register, x)
    asm.lui(GP, 0xFFFFF)
    read = read_by_capstone(asm.code())
    written = [line.text for line in asm.lines]
    assert len(read) == len(written) == 31 * 22 + 1
    for ours, theirs in zip(written, read, strict=True):
        assert same(ours) == same(theirs)


def same(text: str) -> list[object]:
    """Name and operands, numbers read: the one prints 0xfff where the other prints 4095."""
    name, *operands = text.replace("(", ", ").replace(")", "").replace(", ", " ").split()
    if name == "addi" and operands[-1] in ("0", "0x0"):
        name, operands = "mv", operands[:-1]
    if name == "jalr":  # capstone prints `jalr x, y` for 0 and leaves out ra
        operands = operands if len(operands) > 1 else ["ra", *operands]
    return [name, *(_read(o) for o in operands if o not in ("0", "0x0"))]


def _read(operand: str) -> object:
    try:
        return int(operand, 0)
    except ValueError:
        return operand


@pytest.mark.parametrize("name", BRANCHES)
@pytest.mark.parametrize("words", [0, 1, 500, 1022])
def test_branches_reach_their_label_both_ways(name, words):
    asm = Assembler()
    asm.label("back")
    for _ in range(words):
        asm.addi(ZERO, ZERO, 0)
    getattr(asm, name)(A[0], S[1], "back")
    getattr(asm, name)(T[3], A[7], "ahead")
    for _ in range(words):
        asm.addi(ZERO, ZERO, 0)
    asm.label("ahead")
    asm.ret()
    read = read_by_capstone(asm.code())
    first, second = (read[words + i].replace(",", "").split() for i in (0, 1))
    assert (first[0], first[1], first[2], int(first[3], 0)) == (name, "a0", "s1", 0)
    assert (second[0], int(second[3], 0)) == (name, asm.labels["ahead"])


def test_a_jump_reaches_far():
    asm = Assembler()
    asm.j("end")
    for _ in range(5000):
        asm.ret()
    asm.label("end")
    assert read_by_capstone(asm.code())[0].split() == ["j", hex(20004)]


@pytest.mark.parametrize(
    "value", [0, 1, -1, 2047, 2048, -2048, -2049, 0x12345FFF, 0x7FFFFFFF, 1 << 31, 0xFFFFF800]
)
def test_li_gives_any_word(value):
    asm = Assembler()
    asm.li(A[3], value)
    found = 0
    for line in asm.lines:
        name, _, operands = line.text.partition(" ")
        number = int(operands.split(", ")[-1])
        found = number << 12 if name == "lui" else found * ("a3, a3" in operands) + number
    assert found & 0xFFFFFFFF == value & 0xFFFFFFFF


def test_the_listing_shows_the_bytes_in_the_order_of_memory():
    asm = Assembler()
    asm.label("start")
    asm.lw(A[0], SP, 4)
    assert listing(asm) == "start:\n0000  03 25 41 00  lw a0, 4(sp)\n"


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (("addi", A[0], A[1], 2048), "addi a0, a1, 2048: 2048 is not in -2048 to 2047"),
        (("slli", A[0], A[1], 32), "slli a0, a1, 32: 32 is not in 0 to 31"),
        (("sw", A[0], SP, -2049), "sw a0, sp, -2049: -2049 is not in -2048 to 2047"),
        (("lui", A[0], -1), "lui a0, -1: -1 is not in 0 to 1048575"),
        (("beq", A[0], A[1], "nowhere"), "no label 'nowhere', wanted at byte 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_encoded_is_refused_with_the_instruction(step, message):
    with pytest.raises(AssemblyError) as refusal:
        encoded(step)
    assert str(refusal.value) == message


def test_a_branch_too_far_is_refused():
    asm = Assembler()
    asm.beq(A[0], A[1], "end")
    for _ in range(1024):
        asm.ret()
    asm.label("end")
    with pytest.raises(AssemblyError, match=r"beq a0, a1, end: 4100 is not in -4096 to 4094"):
        asm.code()
