"""A small assembler for Xtensa: windowed calls, zero-overhead loops, single-precision FPU.

Only what our kernels and their emulator need. Each method appends one instruction, named as
in the Xtensa Instruction Set Architecture reference manual with `_` for `.`. Operands are
checked; a value that does not fit raises `AssemblyError` with the instruction in words.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from noisetamer.sound.kernels.assembly import Assembly, AssemblyError, in_words


@dataclass(frozen=True)
class A:
    """Address register a0 to a15: a whole number or a pointer."""

    number: int

    def __str__(self) -> str:
        return f"a{self.number}"


@dataclass(frozen=True)
class F:
    """Float register f0 to f15."""

    number: int

    def __str__(self) -> str:
        return f"f{self.number}"


Operand = A | F | int | str


_BRANCH_CONSTANTS = (-1, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64, 128, 256)


class Assembler(Assembly):
    """Collects code for an address that is a multiple of four; `code()` gives the bytes."""

    def __init__(self) -> None:
        super().__init__()
        self._loops = count(1)

    def align(self) -> None:
        """Zero bytes up to a multiple of four, as `entry` and literals need."""
        padding = -self.here % 4
        if padding:
            self._put(bytes(padding), f".skip {padding}")

    def word(self, value: int) -> None:
        """A literal of 32 bits, to be loaded by `l32r`."""
        self._put((value & 0xFFFFFFFF).to_bytes(4, "little"), f".word {value & 0xFFFFFFFF:#x}")

    @contextmanager
    def loop(self, times: A) -> Iterator[None]:
        """Zero-overhead loop of `times` rounds, none if `times` is not positive.

        Not on the ESP32-S2, whose core has no loops (esp-idf, components/xtensa/esp32s2/include/
        xtensa/config/core-isa.h: XCHAL_HAVE_LOOPS 0).

        The hardware fetches aligned words: the first instruction of the body must not cross
        one, so LOOP stands at 1 or 2 beyond a multiple of four (GNU as manual, Xtensa
        Automatic Alignment).
        """
        while self.here % 4 not in (1, 2):
            self.nop()
        end = f"end_{next(self._loops)}"
        self._to_label(
            "loopgtz",
            (times,),
            end,
            0,
            255,
            lambda jump: jump << 16 | 0xA076 | _number(times) << 8,
        )
        yield
        self.label(end)

    # Calls, jumps and the like

    def entry(self, frame: int) -> None:
        if self.here % 4:
            raise AssemblyError(f"entry at byte {self.here} is not on a multiple of four")
        size = self._scaled("entry", (A(1), frame), frame, 8, 12)
        self._instruction("entry", (A(1), frame), size << 12 | 0x000136)

    def retw(self) -> None:
        self._instruction("retw", (), 0x000090)

    def nop(self) -> None:
        self._instruction("nop", (), 0x0020F0)

    def syscall(self) -> None:
        self._instruction("syscall", (), 0x005000)

    def callx8(self, function: A) -> None:
        self._instruction("callx8", (function,), 0x0000E0 | _number(function) << 8)

    def j(self, label: str) -> None:
        self._to_label("j", (), label, -(1 << 17), (1 << 17) - 1, lambda d: (d & 0x3FFFF) << 6 | 6)

    def beqz(self, value: A, label: str) -> None:
        self._branch_zero("beqz", 0x16, value, label)

    def bnez(self, value: A, label: str) -> None:
        self._branch_zero("bnez", 0x56, value, label)

    def beqi(self, value: A, constant: int, label: str) -> None:
        self._branch_constant("beqi", 0x26, value, constant, label)

    def bltu(self, x: A, y: A, label: str) -> None:
        self._branch_compare("bltu", 3, x, y, label)

    def blt(self, x: A, y: A, label: str) -> None:
        self._branch_compare("blt", 2, x, y, label)

    def bge(self, x: A, y: A, label: str) -> None:
        self._branch_compare("bge", 10, x, y, label)

    def bgeu(self, x: A, y: A, label: str) -> None:
        self._branch_compare("bgeu", 11, x, y, label)

    # Whole numbers

    def l32i(self, to: A, base: A, offset: int) -> None:
        self._memory("l32i", 2, 0x2, to, base, offset)

    def s32i(self, value: A, base: A, offset: int) -> None:
        self._memory("s32i", 2, 0x6, value, base, offset)

    def l32r(self, to: A, label: str) -> None:
        """Load the literal at `label`, which must lie before this instruction."""
        base = (self.here + 3) & ~3
        target = self.labels.get(label, base)
        distance = self._scaled("l32r", (to, label), base - target, 4, 16)
        if not distance:
            raise AssemblyError(f"l32r {to}, {label}: the literal must come before its use")
        word = (-distance & 0xFFFF) << 8 | _number(to) << 4 | 1
        self._instruction("l32r", (to, label), word)

    def movi(self, to: A, value: int) -> None:
        self._in_range("movi", (to, value), value, -2048, 2047)
        word = (value & 0xFF) << 16 | 0xA << 12 | (value >> 8 & 15) << 8 | _number(to) << 4 | 2
        self._instruction("movi", (to, value), word)

    def mov(self, to: A, value: A) -> None:
        self._three("mov", 0x2, 0, to, value, value, shown=(to, value))

    def add(self, to: A, x: A, y: A) -> None:
        self._three("add", 0x8, 0, to, x, y)

    def sub(self, to: A, x: A, y: A) -> None:
        self._three("sub", 0xC, 0, to, x, y)

    def addx2(self, to: A, x: A, y: A) -> None:
        """to = 2*x + y"""
        self._three("addx2", 0x9, 0, to, x, y)

    def and_(self, to: A, x: A, y: A) -> None:
        self._three("and", 0x1, 0, to, x, y)

    def abs(self, to: A, x: A) -> None:
        self._three("abs", 0x6, 0, to, A(1), x, shown=(to, x))

    def mull(self, to: A, x: A, y: A) -> None:
        """Low word of the product. Not in every core: 32-bit Integer Multiply Option."""
        self._three("mull", 0x8, 2, to, x, y)

    def muluh(self, to: A, x: A, y: A) -> None:
        """High word, neither signed; `mulsh`: both. In ESP32, S2 and S3: esp-idf,
        components/xtensa/CHIP/include/xtensa/config/core-isa.h, XCHAL_HAVE_MUL32_HIGH."""
        self._three("muluh", 0xA, 2, to, x, y)

    def mulsh(self, to: A, x: A, y: A) -> None:
        self._three("mulsh", 0xB, 2, to, x, y)

    def ssr(self, bits: A) -> None:
        """How far `sra` and `srl` shift to the right: the lowest five bits."""
        self._instruction("ssr", (bits,), 0x400000 | _number(bits) << 8)

    def ssl(self, bits: A) -> None:
        """How far `sll` shifts to the left."""
        self._instruction("ssl", (bits,), 0x401000 | _number(bits) << 8)

    def sra(self, to: A, x: A) -> None:
        self._three("sra", 0xB, 1, to, A(0), x, shown=(to, x))

    def srl(self, to: A, x: A) -> None:
        self._three("srl", 0x9, 1, to, A(0), x, shown=(to, x))

    def sll(self, to: A, x: A) -> None:
        self._three("sll", 0xA, 1, to, x, A(0), shown=(to, x))

    def extui(self, to: A, x: A, bit: int, width: int) -> None:
        """to = `width` bits of x from `bit` on"""
        self._in_range("extui", (to, x, bit, width), bit, 0, 31)
        self._in_range("extui", (to, x, bit, width), width, 1, 16)
        shown_ = (to, x, bit, width)
        self._three("extui", width - 1, 4 | bit >> 4, to, A(bit & 15), x, shown=shown_)

    def addi(self, to: A, x: A, value: int) -> None:
        self._in_range("addi", (to, x, value), value, -128, 127)
        word = (value & 0xFF) << 16 | 0xC << 12 | _number(x) << 8 | _number(to) << 4 | 2
        self._instruction("addi", (to, x, value), word)

    def slli(self, to: A, x: A, bits: int) -> None:
        self._in_range("slli", (to, x, bits), bits, 1, 31)
        left = 32 - bits
        self._three("slli", left >> 4, 1, to, x, A(left & 15), shown=(to, x, bits))

    def srli(self, to: A, x: A, bits: int) -> None:
        self._in_range("srli", (to, x, bits), bits, 0, 15)
        self._three("srli", 0x4, 1, to, A(bits), x, shown=(to, x, bits))

    def srai(self, to: A, x: A, bits: int) -> None:
        self._in_range("srai", (to, x, bits), bits, 0, 31)
        self._three("srai", 0x2 | bits >> 4, 1, to, A(bits & 15), x, shown=(to, x, bits))

    def min(self, to: A, x: A, y: A) -> None:
        self._three("min", 0x4, 3, to, x, y)

    def max(self, to: A, x: A, y: A) -> None:
        self._three("max", 0x5, 3, to, x, y)

    def maxu(self, to: A, x: A, y: A) -> None:
        self._three("maxu", 0x7, 3, to, x, y)

    # Floats

    def add_s(self, to: F, x: F, y: F) -> None:
        self._three("add.s", 0x0, 10, to, x, y)

    def sub_s(self, to: F, x: F, y: F) -> None:
        self._three("sub.s", 0x1, 10, to, x, y)

    def mul_s(self, to: F, x: F, y: F) -> None:
        self._three("mul.s", 0x2, 10, to, x, y)

    def madd_s(self, to: F, x: F, y: F) -> None:
        """to += x*y"""
        self._three("madd.s", 0x4, 10, to, x, y)

    def mov_s(self, to: F, x: F) -> None:
        self._three("mov.s", 0xF, 10, to, x, F(0), shown=(to, x))

    def float_s(self, to: F, x: A, bits: int) -> None:
        """to = x / 2**bits"""
        self._in_range("float.s", (to, x, bits), bits, 0, 15)
        self._three("float.s", 0xC, 10, to, x, A(bits), shown=(to, x, bits))

    def trunc_s(self, to: A, x: F, bits: int) -> None:
        """to = x * 2**bits, towards zero"""
        self._in_range("trunc.s", (to, x, bits), bits, 0, 15)
        self._three("trunc.s", 0x9, 10, to, x, A(bits), shown=(to, x, bits))

    def rfr(self, to: A, x: F) -> None:
        """to = the bit pattern of x"""
        self._three("rfr", 0xF, 10, to, x, A(4), shown=(to, x))

    def lsi(self, to: F, base: A, offset: int) -> None:
        self._memory("lsi", 3, 0x0, to, base, offset)

    def ssi(self, value: F, base: A, offset: int) -> None:
        self._memory("ssi", 3, 0x4, value, base, offset)

    def lsip(self, to: F, base: A, step: int) -> None:
        """Load, then base += step."""
        self._memory("lsip", 3, 0x8, to, base, step)

    def ssip(self, value: F, base: A, step: int) -> None:
        """Store, then base += step."""
        self._memory("ssip", 3, 0xC, value, base, step)

    # Formats

    def _instruction(self, name: str, operands: tuple[Operand, ...], word: int) -> None:
        self._put(word.to_bytes(3, "little"), in_words(name, operands))

    def _three(
        self,
        name: str,
        operation: int,
        group: int,
        to: A | F,
        x: A | F,
        y: A | F,
        shown: tuple[Operand, ...] | None = None,
    ) -> None:
        fields = _number(to) << 12 | _number(x) << 8 | _number(y) << 4
        self._instruction(name, shown or (to, x, y), operation << 20 | group << 16 | fields)

    def _memory(
        self, name: str, format_: int, operation: int, value: A | F, base: A, offset: int
    ) -> None:
        words = self._scaled(name, (value, base, offset), offset, 4, 8)
        fields = operation << 12 | _number(base) << 8 | _number(value) << 4 | format_
        self._instruction(name, (value, base, offset), words << 16 | fields)

    def _branch_zero(self, name: str, code: int, value: A, label: str) -> None:
        def encode(jump: int) -> int:
            return (jump & 0xFFF) << 12 | _number(value) << 8 | code

        self._to_label(name, (value,), label, -2048, 2047, encode)

    def _branch_compare(self, name: str, operation: int, x: A, y: A, label: str) -> None:
        def encode(jump: int) -> int:
            fields = operation << 12 | _number(x) << 8 | _number(y) << 4
            return (jump & 0xFF) << 16 | fields | 7

        self._to_label(name, (x, y), label, -128, 127, encode)

    def _branch_constant(self, name: str, code: int, value: A, constant: int, label: str) -> None:
        if constant not in _BRANCH_CONSTANTS:
            raise AssemblyError(f"{name} {value}, {constant}, {label}: no such branch constant")
        index = _BRANCH_CONSTANTS.index(constant)

        def encode(jump: int) -> int:
            return (jump & 0xFF) << 16 | index << 12 | _number(value) << 8 | code

        self._to_label(name, (value, constant), label, -128, 127, encode)

    def _to_label(
        self,
        name: str,
        operands: tuple[Operand, ...],
        label: str,
        nearest: int,
        farthest: int,
        encode: Callable[[int], int],
    ) -> None:
        address = self.here

        def resolve(target: int) -> int:
            jump = target - address - 4
            self._in_range(name, (*operands, label), jump, nearest, farthest)
            return encode(jump)

        self._await(label, resolve, 3)
        self._instruction(name, (*operands, label), 0)

    def _scaled(
        self, name: str, operands: tuple[Operand, ...], value: int, unit: int, bits: int
    ) -> int:
        if value % unit:
            raise AssemblyError(f"{in_words(name, operands)}: {value} is not a multiple of {unit}")
        self._in_range(name, operands, value, 0, ((1 << bits) - 1) * unit)
        return value // unit


def _number(register: A | F) -> int:
    if not 0 <= register.number <= 15:
        raise AssemblyError(f"there is no register {register}")
    return register.number
