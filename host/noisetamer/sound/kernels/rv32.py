"""A small assembler for RISC-V of 32 bits with multiplication: RV32IM, uncompressed.

Only what our kernels and their emulator need. Each method appends one instruction, named as in
The RISC-V Instruction Set Manual, volume I (`and_` and `or_` for Python's sake); `li`, `mv`, `j`
and `ret` are the manual's pseudoinstructions. Registers go by the names of the RISC-V psABI.
What cannot be encoded raises `AssemblyError` with the instruction in words.
"""

from collections.abc import Callable
from dataclasses import dataclass

from noisetamer.sound.kernels.assembly import Assembly, in_words

_NAMES = (
    *("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"),
    *(f"a{i}" for i in range(8)),
    *(f"s{i}" for i in range(2, 12)),
    *("t3", "t4", "t5", "t6"),
)


@dataclass(frozen=True)
class X:
    """Register x0 to x31."""

    number: int

    def __str__(self) -> str:
        return _NAMES[self.number]


ZERO, RA, SP, GP, TP = (X(i) for i in range(5))
"""gp and tp are not ours to change: an interrupt of esp-idf uses them as it finds them
(components/riscv/vectors.S)."""
A = tuple(X(10 + i) for i in range(8))
"""a0 to a7: arguments and result; the caller's loss."""
T = tuple(X(i) for i in (5, 6, 7, 28, 29, 30, 31))
"""t0 to t6: the caller's loss."""
S = tuple(X(i) for i in (8, 9, *range(18, 28)))
"""s0 to s11: to be given back as they were."""

_OP, _OP_IMM, _LOAD, _STORE = 0x33, 0x13, 0x03, 0x23
_BRANCH, _LUI, _JAL, _JALR, _SYSTEM = 0x63, 0x37, 0x6F, 0x67, 0x73
_MUL = 1
_ALTERNATE = 0x20  # sub of add, sra of srl


class Assembler(Assembly):
    """Collects code for an address that is a multiple of four; `code()` gives the bytes."""

    def add(self, to: X, x: X, y: X) -> None:
        self._register("add", 0, 0, to, x, y)

    def sub(self, to: X, x: X, y: X) -> None:
        self._register("sub", 0, _ALTERNATE, to, x, y)

    def sll(self, to: X, x: X, y: X) -> None:
        """The shift is y's lowest five bits, as in `srl` and `sra`."""
        self._register("sll", 1, 0, to, x, y)

    def sltu(self, to: X, x: X, y: X) -> None:
        self._register("sltu", 3, 0, to, x, y)

    def xor(self, to: X, x: X, y: X) -> None:
        self._register("xor", 4, 0, to, x, y)

    def srl(self, to: X, x: X, y: X) -> None:
        self._register("srl", 5, 0, to, x, y)

    def sra(self, to: X, x: X, y: X) -> None:
        self._register("sra", 5, _ALTERNATE, to, x, y)

    def or_(self, to: X, x: X, y: X) -> None:
        self._register("or", 6, 0, to, x, y)

    def and_(self, to: X, x: X, y: X) -> None:
        self._register("and", 7, 0, to, x, y)

    def mul(self, to: X, x: X, y: X) -> None:
        """Low word of the product."""
        self._register("mul", 0, _MUL, to, x, y)

    def mulh(self, to: X, x: X, y: X) -> None:
        """High word, both signed."""
        self._register("mulh", 1, _MUL, to, x, y)

    def mulhsu(self, to: X, x: X, y: X) -> None:
        """High word, x signed and y not."""
        self._register("mulhsu", 2, _MUL, to, x, y)

    def mulhu(self, to: X, x: X, y: X) -> None:
        """High word, neither signed."""
        self._register("mulhu", 3, _MUL, to, x, y)

    def addi(self, to: X, x: X, value: int) -> None:
        self._immediate("addi", 0, to, x, value)

    def andi(self, to: X, x: X, value: int) -> None:
        self._immediate("andi", 7, to, x, value)

    def slli(self, to: X, x: X, bits: int) -> None:
        self._shift("slli", 1, 0, to, x, bits)

    def srli(self, to: X, x: X, bits: int) -> None:
        self._shift("srli", 5, 0, to, x, bits)

    def srai(self, to: X, x: X, bits: int) -> None:
        self._shift("srai", 5, _ALTERNATE, to, x, bits)

    def mv(self, to: X, x: X) -> None:
        self._instruction("mv", (to, x), x.number << 15 | to.number << 7 | _OP_IMM)

    def lui(self, to: X, value: int) -> None:
        """to = value << 12"""
        self._in_range("lui", (to, value), value, 0, 0xFFFFF)
        self._instruction("lui", (to, value), value << 12 | to.number << 7 | _LUI)

    def li(self, to: X, value: int) -> None:
        """Any value of 32 bits, signed or not: one instruction or two."""
        self._in_range("li", (to, value), value, -(1 << 31), (1 << 32) - 1)
        low = (value & 0xFFF ^ 0x800) - 0x800
        high = (value - low) >> 12 & 0xFFFFF
        if high:
            self.lui(to, high)
        if low or not high:
            self.addi(to, to if high else ZERO, low)

    def lw(self, to: X, base: X, offset: int) -> None:
        self._in_range("lw", (to, base, offset), offset, -2048, 2047)
        word = (offset & 0xFFF) << 20 | base.number << 15 | 2 << 12 | to.number << 7 | _LOAD
        self._instruction("lw", (to, f"{offset}({base})"), word)

    def sw(self, value: X, base: X, offset: int) -> None:
        self._in_range("sw", (value, base, offset), offset, -2048, 2047)
        high, low = offset >> 5 & 0x7F, offset & 0x1F
        fields = high << 25 | value.number << 20 | base.number << 15 | 2 << 12 | low << 7
        self._instruction("sw", (value, f"{offset}({base})"), fields | _STORE)

    # Branches and jumps

    def beq(self, x: X, y: X, label: str) -> None:
        self._branch("beq", 0, x, y, label)

    def bne(self, x: X, y: X, label: str) -> None:
        self._branch("bne", 1, x, y, label)

    def blt(self, x: X, y: X, label: str) -> None:
        self._branch("blt", 4, x, y, label)

    def bge(self, x: X, y: X, label: str) -> None:
        self._branch("bge", 5, x, y, label)

    def bltu(self, x: X, y: X, label: str) -> None:
        self._branch("bltu", 6, x, y, label)

    def bgeu(self, x: X, y: X, label: str) -> None:
        self._branch("bgeu", 7, x, y, label)

    def j(self, label: str) -> None:
        def encode(jump: int) -> int:
            fields = (jump >> 20 & 1) << 31 | (jump >> 1 & 0x3FF) << 21
            return fields | (jump >> 11 & 1) << 20 | (jump >> 12 & 0xFF) << 12 | _JAL

        self._to_label("j", (), label, 20, encode)

    def jalr(self, to: X, base: X, offset: int = 0) -> None:
        """Call what is at base + offset; to = the address after this instruction."""
        self._in_range("jalr", (to, base, offset), offset, -2048, 2047)
        word = (offset & 0xFFF) << 20 | base.number << 15 | to.number << 7 | _JALR
        self._instruction("jalr", (to, f"{offset}({base})"), word)

    def ret(self) -> None:
        self._instruction("ret", (), RA.number << 15 | _JALR)

    def ecall(self) -> None:
        self._instruction("ecall", (), _SYSTEM)

    # Formats

    def _instruction(self, name: str, operands: tuple[object, ...], word: int) -> None:
        self._put(word.to_bytes(4, "little"), in_words(name, operands))

    def _register(self, name: str, operation: int, group: int, to: X, x: X, y: X) -> None:
        fields = group << 25 | y.number << 20 | x.number << 15 | operation << 12
        self._instruction(name, (to, x, y), fields | to.number << 7 | _OP)

    def _immediate(self, name: str, operation: int, to: X, x: X, value: int) -> None:
        self._in_range(name, (to, x, value), value, -2048, 2047)
        fields = (value & 0xFFF) << 20 | x.number << 15 | operation << 12
        self._instruction(name, (to, x, value), fields | to.number << 7 | _OP_IMM)

    def _shift(self, name: str, operation: int, group: int, to: X, x: X, bits: int) -> None:
        self._in_range(name, (to, x, bits), bits, 0, 31)
        fields = group << 25 | bits << 20 | x.number << 15 | operation << 12
        self._instruction(name, (to, x, bits), fields | to.number << 7 | _OP_IMM)

    def _branch(self, name: str, operation: int, x: X, y: X, label: str) -> None:
        def encode(jump: int) -> int:
            fields = (jump >> 12 & 1) << 31 | (jump >> 5 & 0x3F) << 25 | y.number << 20
            fields |= x.number << 15 | operation << 12
            return fields | (jump >> 1 & 0xF) << 8 | (jump >> 11 & 1) << 7 | _BRANCH

        self._to_label(name, (x, y), label, 12, encode)

    def _to_label(
        self,
        name: str,
        operands: tuple[object, ...],
        label: str,
        bits: int,
        encode: Callable[[int], int],
    ) -> None:
        address, reach = self.here, 1 << bits

        def resolve(target: int) -> int:
            jump = target - address
            self._in_range(name, (*operands, label), jump, -reach, reach - 2)
            return encode(jump)

        self._await(label, resolve, 4)
        self._instruction(name, (*operands, label), 0)
